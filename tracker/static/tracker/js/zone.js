// Tells the server, or the person, which time zone this device is in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

for (const field of document.querySelectorAll("[data-zone-field]")) {
  field.value ||= zone;
}

for (const hint of document.querySelectorAll("[data-zone-hint]")) {
  hint.textContent = hint.dataset.words + zone;
  hint.hidden = !zone;
}

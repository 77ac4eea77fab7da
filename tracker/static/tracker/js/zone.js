// Tells the server, or the person, which time zone this device is in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

for (const field of document.querySelectorAll("[data-zone-field]")) {
  field.value ||= zone;
}

for (const hint of document.querySelectorAll("[data-zone-hint]")) {
  hint.textContent = hint.dataset.words + zone;
  hint.hidden = !zone;
}

// Where the device is somewhere else than the clock that reminders go by, the server says whether to ask about it.
for (const place of document.querySelectorAll("[data-zone-ask]")) {
  const { url, zone: home, declined } = place.dataset;
  if (zone && zone !== home && zone !== declined) {
    ask(place, url);
  }
}

async function ask(place, url) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!token) {
    return;
  }
  const options = { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams({ zone }) };
  const answer = await fetch(url, { ...options, redirect: "error", cache: "no-store" }).catch(() => null);
  if (answer?.status === 200) {
    place.innerHTML = await answer.text();
  }
}

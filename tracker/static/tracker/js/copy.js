// A button that copies the field it names. Without script, or where the browser forbids it, the field can be marked.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    const isCopied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    button.nextElementSibling.textContent = isCopied ? button.dataset.copied : "";
  });
}

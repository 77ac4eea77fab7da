// Asks how far an import is, and shows its end as soon as there is one.
const PAUSE = 1_500; // milliseconds

const shown = document.querySelector("[data-import-progress]");

async function ask() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = answer.ok && page.querySelector("[data-import-progress]");
  if (!next) {
    location.reload();
    return;
  }
  if (next.textContent !== shown.textContent) {
    shown.replaceChildren(...next.childNodes);
  }
  setTimeout(tryAgain, PAUSE);
}

// Without network for a moment: it goes on meanwhile.
function tryAgain() {
  ask().catch(() => setTimeout(tryAgain, PAUSE));
}

if (shown) {
  setTimeout(tryAgain, PAUSE);
}

// A button that opens the browser's own printing; without script there is none, and the browser's menu does it.
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());

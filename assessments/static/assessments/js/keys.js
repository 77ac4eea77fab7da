// The keys 1 to 9 choose an answer, while the focus is inside the question. In a number field they write digits.
const form = document.querySelector("[data-number-keys]");
const boxes = form.querySelectorAll("input[type=radio], input[type=checkbox]");
const isNumber = form.querySelector("input[type=number]") !== null;

if (!isNumber) {
  boxes.forEach((box, place) => {
    if (place < 9) box.labels[0].dataset.key = place + 1;
  });
  form.addEventListener("keydown", (event) => {
    const box = boxes[Number(event.key) - 1];
    if (!box || !/^[1-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    box.focus();
    box.click();
  });
}

// The eleven numbers of the offline page: a tap is kept on this device, and can be taken back until it is sent.
import { send } from "./sending.js";
import { keep, listen, remove, waiting, whose } from "./store.js";

const HIGH = 7; // from here on the short alarm questions are offered; a rise needs the log, which is not here
const much = document.querySelector("[data-much]");
const pad = document.querySelector("[data-pad]");
const saved = document.querySelector("[data-saved]");
const stranger = document.querySelector("[data-stranger]");
let last = new URLSearchParams(location.search).get("saved");

async function draw() {
  const account = await whose();
  const entry = account && (await waiting(account)).find(({ uuid }) => uuid === last);
  pad.hidden = !account;
  stranger.hidden = Boolean(account);
  saved.hidden = !entry;
  if (much) {
    much.hidden = !(entry && entry.nrs >= HIGH);
  }
  if (entry) {
    const words = saved.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{nrs}", entry.nrs);
  }
}

pad.addEventListener("click", async ({ target }) => {
  const button = target.closest("button");
  if (button) {
    last = await keep({ account: await whose(), nrs: Number(button.value) });
    await draw();
    send();
  }
});
saved.querySelector("button").addEventListener("click", () => last && remove(last));
listen(draw);
draw();

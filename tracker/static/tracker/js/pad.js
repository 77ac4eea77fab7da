// The eleven numbers of the page that is kept: a tap stays on this device, and can be taken back until it is sent.
import { send } from "./sending.js";
import { discard, keep, listen, waiting, whose } from "./store.js";

const STEADY = 400; // ms in which what has just moved under the finger takes no second tap; keys are not held back
const HIGH = 7; // from here on the short alarm questions are offered; a rise needs the log, which is not here
const part = (name) => document.querySelector(`[data-${name}]`);
const [pad, saved, other, again] = ["pad", "saved", "other", "again"].map(part);
let last = new URLSearchParams(location.search).get("saved");
let newest;
let steady;

function settle() {
  document.body.dataset.settling = "";
  clearTimeout(steady);
  steady = setTimeout(() => delete document.body.dataset.settling, STEADY);
}

function say(element, nrs) {
  element.textContent = element.dataset.words.replace("{nrs}", nrs);
}

async function draw() {
  const account = await whose();
  const entries = account ? await waiting(account) : [];
  const entry = entries.find(({ uuid }) => uuid === last);
  newest = entries.filter(({ isAddition }) => !isAddition).at(-1);
  pad.hidden = other.hidden = !account;
  part("stranger").hidden = Boolean(account);
  saved.hidden = !entry || Boolean(entry.isAddition);
  part("added").hidden = !entry?.isAddition;
  again.hidden = !newest;
  if (part("much")) {
    part("much").hidden = !(entry && entry.nrs >= HIGH);
  }
  if (entry) {
    say(saved.querySelector("[data-words]"), entry.nrs);
  }
  if (newest) {
    say(again, newest.nrs);
  }
}

async function save(entry) {
  settle();
  last = await keep({ account: await whose(), ...entry });
  await draw();
  settle();
  send();
}

pad.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  return button && save({ nrs: Number(button.value) });
});
again.addEventListener("click", () => {
  const { nrs, said = {}, again } = newest;
  return save({ nrs, said: said.sites ? { sites: said.sites } : {}, again });
});
part("undo").addEventListener("click", () => last && discard(last));
part("more").addEventListener("click", () => dispatchEvent(new CustomEvent("ebb-detail", { detail: last })));
listen(draw);
draw();
if (last) {
  settle(); // the first tap was on another page, which this one has taken the place of
}

// The form of the page that is kept: all that can be said of an entry that waits, or of an earlier moment.
import { fill, instant, said, wallTime } from "./entry-form.js";
import { send } from "./sending.js";
import { change, keep, keepAddition, waiting, whose } from "./store.js";

const section = document.querySelector("[data-detail]");
const form = section.querySelector("form");
const rows = section.querySelector("[data-rows]");
const kept = document.querySelector("[data-kept]");
const title = section.querySelector("h2");
let known; // the entry that is being changed; none for an earlier moment

const isEmpty = (value) => value === null || value === "" || value.length === 0;
const isIn = (fold, name) => Boolean(fold.querySelector(`[name="${name}"]`));

// The two questions about a place that is chosen. A row that is taken away is forgotten with its number.
function ask(site) {
  const box = form.querySelector(`input[name=sites][value="${site}"]`);
  const row = section.querySelector("template").content.firstElementChild.cloneNode(true);
  row.dataset.site = site;
  row.querySelector("legend").textContent = box.parentElement.textContent;
  for (const part of row.querySelectorAll("[name], [id], [for]")) {
    for (const attribute of ["name", "id", "for"].filter((one) => part.hasAttribute(one))) {
      part.setAttribute(attribute, part.getAttribute(attribute).replace("__key__", site));
    }
  }
  rows.append(row);
}

function open(entry) {
  known = entry;
  form.reset();
  rows.replaceChildren();
  title.textContent = entry ? title.dataset.known : title.dataset.new;
  form.elements.felt_at.value = wallTime(entry?.felt_at || new Date());
  fill(form, entry?.said || {}, ask);
  const fold = form.querySelector(".beside");
  fold.open = Object.entries(entry?.said || {}).some(([name, value]) => !isEmpty(value) && isIn(fold, name));
  if (entry) {
    form.elements.nrs.value = entry.nrs;
  }
  form.querySelector("[data-future]").textContent = "";
  kept.textContent = "";
  section.hidden = false;
  title.focus();
}

async function openKnown(uuid) {
  const account = await whose();
  const entry = account && (await waiting(account)).find((one) => one.uuid === uuid && !one.isAddition);
  if (entry) {
    open(entry);
  }
}

// The moment as it was, with its seconds, unless another was chosen.
function felt() {
  const chosen = form.elements.felt_at.value;
  return known && chosen === wallTime(known.felt_at) ? known.felt_at : instant(chosen);
}

async function save() {
  const felt_at = felt();
  const future = form.querySelector("[data-future]");
  future.textContent = new Date(felt_at) > new Date() ? future.dataset.future : "";
  if (future.textContent) {
    return;
  }
  const read = Object.entries(said(new FormData(form)));
  const more = Object.fromEntries(read.filter(([name, value]) => known || !isEmpty(value)));
  const entry = { nrs: Number(form.elements.nrs.value), felt_at, said: more };
  await (known ? put(entry) : keep({ account: await whose(), ...entry }));
  section.hidden = true;
  kept.textContent = kept.dataset.words;
  kept.focus();
  send();
}

// Where the entry was sent meanwhile, it is one of the log now.
async function put({ nrs, felt_at, said }) {
  const shown = { nrs, felt_at };
  if (!(await change(known.uuid, { ...shown, said }))) {
    await keepAddition({ account: await whose(), uuid: known.uuid, shown, said: { ...said, ...shown } });
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
form.addEventListener("change", ({ target }) => {
  if (target.name === "sites" && target.checked) {
    ask(target.value);
  } else if (target.name === "sites") {
    rows.querySelector(`[data-site="${target.value}"]`)?.remove();
  }
});
section.querySelector("[data-close]").addEventListener("click", () => (section.hidden = true));
document.querySelector("[data-earlier]").addEventListener("click", () => open());
addEventListener("ebb-detail", ({ detail }) => openKnown(detail));
openKnown(new URLSearchParams(location.search).get("entry"));

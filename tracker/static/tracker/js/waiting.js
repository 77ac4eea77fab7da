// Shows what waits on this device, what was sent, and what the server did not take.
import { wallTime } from "./entry-form.js";
import { send } from "./sending.js";
import { change, discard, listen, recall, remember, waiting, whose } from "./store.js";

const AT = { dateStyle: "medium", timeStyle: "short" };
// The language of the page, as this device's country writes it.
const language = navigator.languages.find((one) => one.startsWith(document.documentElement.lang)) || [];

const clock = (instant) => new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(instant));
const moment = (instant) => new Intl.DateTimeFormat(language, AT).format(new Date(instant));

function counted(element, n, rest = {}) {
  const words = n === 1 ? element.dataset.one : element.dataset.many;
  element.textContent = words.replace(/{(\w+)}/g, (_whole, name) => ({ n, ...rest })[name]);
}

const isSaid = (value) => value !== null && value !== "" && value.length !== 0;

function tellMore(item, { uuid, isAddition, isSession, said = {} }) {
  const [words, link] = [item.querySelector("[data-said]"), item.querySelector("[data-change]")];
  if (words && (isAddition || Object.values(said).some(isSaid))) {
    words.textContent = isSession ? words.dataset.session : isAddition ? words.dataset.addition : words.dataset.words;
  }
  if (link) {
    link.hidden = Boolean(isAddition);
    link.href += `?entry=${uuid}`;
  }
}

function row(template, entry) {
  const item = template.content.firstElementChild.cloneNode(true);
  const score = item.querySelector("[data-score]");
  score.textContent = entry.nrs ?? "–";
  score.classList.add(`nrs-${entry.nrs ?? 0}`);
  item.querySelector("[data-when]").textContent = moment(entry.felt_at);
  item.querySelector("[data-discard]").addEventListener("click", () => discard(entry.uuid));
  tellMore(item, entry);
  return item;
}

function refusedRow(template, entry) {
  const item = row(template, entry);
  const form = item.querySelector("form");
  form.parentElement.hidden = Boolean(entry.isAddition);
  const said = item.querySelector("[data-why]");
  said.textContent = said.dataset[`status${entry.refused.status}`] || entry.refused.words;
  form.elements.nrs.value = entry.nrs;
  form.elements.felt_at.value = wallTime(entry.felt_at);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const felt_at = new Date(form.elements.felt_at.value).toISOString();
    await change(entry.uuid, { nrs: Number(form.elements.nrs.value), felt_at });
    send();
  });
  return item;
}

async function draw(section, sent) {
  const account = await whose();
  const entries = account ? await waiting(account) : [];
  const [fine, refused] = [entries.filter((entry) => !entry.refused), entries.filter((entry) => entry.refused)];
  const part = (name) => section.querySelector(`[data-part=${name}]`);
  part("waiting").hidden = !fine.length;
  part("refused").hidden = !refused.length;
  part("sent").hidden = !sent.n;
  section.hidden = !entries.length && !sent.n;
  counted(part("waiting").querySelector("[data-count]"), fine.length);
  counted(part("refused").querySelector("[data-count]"), refused.length);
  if (sent.n) {
    counted(part("sent").querySelector("[data-count]"), sent.n, { time: clock(sent.at) });
  }
  const [plain, other] = section.querySelectorAll("template");
  part("waiting").querySelector("ul").replaceChildren(...fine.map((entry) => row(plain, entry)));
  part("refused").querySelector("ul").replaceChildren(...refused.map((entry) => refusedRow(other, entry)));
}

async function start(section) {
  const seen = { n: 0, at: "" };
  const standing = section.querySelector("[data-standing]");
  const say = (outcome) => {
    standing.textContent = standing.dataset[outcome] || standing.dataset.wait;
  };
  const refresh = async () => {
    const [account, fresh] = [await whose(), await recall("sent")];
    if (fresh && fresh.account === account) {
      await remember("sent", null); // said once, on the first page that shows it
      Object.assign(seen, { n: seen.n + fresh.n, at: fresh.at });
    }
    await draw(section, seen);
  };
  section.querySelector("[data-send]").addEventListener("click", async () => say(await send()));
  listen(refresh);
  say("wait");
  await refresh();
}

if (isSecureContext && navigator.locks) {
  document.querySelectorAll("[data-waiting]").forEach(start);
}

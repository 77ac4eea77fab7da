// The guided session. Where it stands is kept on the device after each tap, so that a call or a reload loses nothing.
import { send } from "./sending.js";
import { keepSession, queued, recall, remember, whose } from "./store.js";
import { canSpeak, hush, speak } from "./speech.js";
import { stayAwake } from "./wake.js";

const player = document.querySelector("[data-player]");
const screens = [...player.querySelectorAll("[data-screen]")];
const one = (selector) => player.querySelector(selector);
const screen = (name) => one(`[data-screen=${name}]`);
const fill = (words, told) => words.replace(/{(\w+)}/g, (_whole, name) => told[name]);

let state;
let settings = { rest: 45, voice: false };
let isHeld = false; // since it began, the moves have been held
let clock; // runs while something is counted or waited for

const dayIn = (zone, at = new Date()) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
const planned = () => state.moves[state.at];
const article = (key) => one(`[data-move=${key}]`);
const nameOf = (key) => article(key).dataset.name;
const store = () => remember("session", state);

// An older list goes without its strength moves: muscles rest a day between, and what was done since is not known here.
function movesOf(plan, today) {
  return plan.on === today ? plan.moves : plan.moves.filter((move) => !move.isStrength);
}

// Held, or begun on an earlier day, hours ago: it can be noted still, but not gone on with.
const isOver = () => isHeld || state.on !== dayIn(state.zone) && Date.now() - new Date(state.started_at) > 3 * 3600_000;

function show(name) {
  screens.forEach((other) => (other.hidden = other !== screen(name)));
  one("[data-leave]").hidden = !["move", "rest"].includes(name);
  one("[data-close]").hidden = ["move", "rest"].includes(name);
  scrollTo(0, 0);
}

function stopClock() {
  clearInterval(clock);
  clock = undefined;
  one("[data-do=pace]").setAttribute("aria-pressed", "false");
}

// Screens

function draw() {
  stopClock();
  drawHurts();
  const paint = { move: drawMove, rest: drawRest, end: drawEnd }[state.phase];
  paint();
}

// Redrawn only when it changes, since a screen reader reads it out each time.
function drawHurts() {
  const box = one("[data-hurts]");
  const [shown, now] = [[...box.children].map((note) => note.dataset.key), state?.hurt || []];
  if (shown.join() !== now.join()) {
    box.replaceChildren(...now.map(noteOf));
  }
}

function noteOf(key) {
  const note = one("template[data-hurt]").content.firstElementChild.cloneNode(true);
  const name = note.querySelector("strong");
  note.dataset.key = key;
  note.querySelector("[data-undo]").dataset.undo = key;
  note.querySelector("[data-undo]").setAttribute("aria-describedby", (name.id = `hurt-${key}`));
  name.textContent = fill(name.textContent, { name: nameOf(key) });
  return note;
}

function where() {
  const words = fill(player.dataset.place, { n: state.at + 1, all: state.moves.length });
  one("[data-where]").textContent = words;
}

// A list that another version of these pages wrote may name a drawing that is no more.
function drawingOf({ key, drawing }) {
  const drawn = (kind) => article(key).querySelector(`[data-drawing=${kind}]`);
  return drawn(drawing) || drawn("usual");
}

function drawMove() {
  const move = planned();
  show("move");
  where();
  player.querySelectorAll("[data-move]").forEach((other) => (other.hidden = other.dataset.move !== move.key));
  const shown = article(move.key);
  const { drawing } = drawingOf(move).dataset;
  shown.querySelectorAll("[data-drawing]").forEach((other) => (other.hidden = ![drawing, "nod"].includes(other.dataset.drawing)));
  shown.querySelectorAll("[data-version]").forEach((other) => (other.hidden = other.dataset.version !== move.version));
  one("[data-dose]").textContent = move.words;
  one("[data-help]").textContent = one("[data-help]").dataset[move.isTimed ? "timed" : "counted"];
  one("[data-do=pace]").hidden = move.isTimed;
  player.querySelectorAll("[data-online]").forEach((link) => (link.hidden = !navigator.onLine));
  drawCount();
  shown.querySelector("h1").focus();
  speak(settings.voice, [nameOf(move.key), move.words, ...[...shown.querySelectorAll("[data-version]:not([hidden]), .how li")].map((line) => line.textContent)]);
}

const total = (move) => (move.isTimed ? move.amount * 60 : move.amount * move.sides);
const timed = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function drawCount() {
  const move = planned();
  const isOtherSide = move.sides === 2 && state.count > move.amount;
  one("[data-side]").textContent = move.sides === 2 ? screen("move").dataset[isOtherSide ? "second" : "first"] : "";
  one("[data-of]").textContent = move.isTimed ? "" : `/ ${move.amount}`;
  one("[data-count]").textContent = move.isTimed ? timed(total(move) - state.count) : state.count - (isOtherSide ? move.amount : 0);
}

function drawRest() {
  show("rest");
  where();
  one("[data-next]").textContent = nameOf(planned().key);
  one("[data-preview]").replaceChildren(drawingOf(planned()).firstElementChild.cloneNode(true));
  const tick = () => {
    const left = Math.ceil((state.restEnds - Date.now()) / 1000);
    one("[data-rest]").textContent = Math.max(left, 0);
    return left <= 0 && goOn();
  };
  clock = setInterval(tick, 250);
  tick();
  screen("rest").querySelector("h1").focus();
}

function drawEnd() {
  show("end");
  const then = one("[data-then]");
  then.hidden = state.on === dayIn(state.zone);
  if (!then.hidden) {
    const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" }).format(new Date(state.started_at));
    then.textContent = fill(then.dataset.then, { day, n: Object.keys(state.done).length });
  }
  screen("end").querySelectorAll("[data-asks]").forEach((part) => (part.hidden = isEmpty()));
  one("[data-empty]").hidden = !isEmpty();
  one("[data-do=back]").hidden = isHeld || !then.hidden || state.at >= state.moves.length;
  one("[data-title]").focus();
  speak(settings.voice, [one("[data-title]").textContent]);
}

// What is tapped

async function begin() {
  const plan = await recall("plan");
  const account = await whose();
  const on = dayIn(plan.zone);
  state = {
    account,
    on,
    zone: plan.zone,
    stopAt: plan.stopAt,
    started_at: new Date().toISOString(),
    moves: movesOf(plan, on),
    at: 0,
    phase: "move",
    count: 0,
    done: {},
    versions: {},
    hurt: [],
  };
  settings.rest = Number(one("[name=rest]:checked")?.value || 45);
  settings.voice = one("[name=voice]").checked;
  await remember("session-settings", settings);
  await store();
  stayAwake(true);
  draw();
}

function note(move, amount) {
  state.done[move.key] = amount;
  if (move.version !== "usual") {
    state.versions[move.key] = move.version;
  }
}

// Part of what was asked, if it was counted that far; else all of it.
function amountDone(move, count = state.count) {
  const counted = move.isTimed ? Math.max(Math.round(count / 60), 1) : Math.ceil(count / move.sides);
  return count > 0 && count < total(move) ? counted : move.amount;
}

// A day on which nothing was done or tried is no day with moves.
const isEmpty = () =>
  ![...Object.keys(state.done), ...state.hurt].length && ![state, ...(state.later || [])].some(({ count }) => count > 0);

// Stopped in the middle: what was counted of a move counts.
function noteBegun() {
  for (const { at, count } of [state, ...(state.later || [])]) {
    const move = state.moves[at];
    if (move && count > 0) {
      note(move, amountDone(move, count));
    }
  }
}

function next({ isDone = true } = {}) {
  const move = planned();
  if (isDone) {
    note(move, amountDone(move));
  }
  onwards();
}

function onwards({ said = [] } = {}) {
  Object.assign(state, state.later?.pop() || { at: state.at + 1, count: 0 });
  if (state.at >= state.moves.length) {
    state.phase = "end";
  } else {
    state.phase = "rest";
    state.restEnds = Date.now() + settings.rest * 1000;
  }
  store();
  draw();
  if (state.phase === "rest") {
    speak(settings.voice, [...said, screen("rest").querySelector("h1").textContent, nameOf(planned().key)]);
  }
}

function goOn() {
  state.phase = "move";
  store();
  draw();
}

function hurt() {
  const move = planned();
  state.hurt = [...new Set([...state.hurt, move.key])];
  state.hurtFrom = { ...state.hurtFrom, [move.key]: { at: state.at, count: state.count } };
  if (state.count > 0) {
    note(move, amountDone(move));
  }
  onwards({ said: [noteOf(move.key).firstElementChild.textContent] });
}

// As if it had not been tapped: the move is there again, counted as far as it was. After it comes what was interrupted.
function undo(key) {
  const from = state.hurtFrom?.[key] || { at: state.moves.findIndex((move) => move.key === key), count: 0 };
  [state.done, state.versions, state.hurtFrom].forEach((told) => delete told?.[key]);
  state.hurt = state.hurt.filter((other) => other !== key);
  if (!isOver()) {
    state.later = [...(state.later || []), { at: state.at, count: state.count }];
    Object.assign(state, from, { phase: "move" });
  }
  store();
  draw();
}

// First the easier version; asked again, a third less of it.
function easier() {
  const move = planned();
  if (["easier", "chair"].includes(move.version)) {
    const fewer = Math.max(Math.floor((move.amount * 2) / 3), 1);
    move.words = move.words.replace(String(move.amount), String(fewer));
    move.amount = fewer;
  } else {
    move.version = "easier";
    move.drawing = move.easier;
    move.words = move.easierWords || move.words; // a band or a worktop belongs to the usual version
  }
  state.count = 0;
  store();
  draw();
}

function count() {
  const move = planned();
  if (move.isTimed) {
    return clock ? stopClock() : run(1000);
  }
  return tickOn();
}

function tickOn() {
  const move = planned();
  state.count = Math.min(state.count + 1, total(move));
  drawCount();
  store();
  if (move.sides === 2 && state.count === move.amount) {
    speak(settings.voice, [screen("move").dataset.sides]);
  } else if (!move.isTimed) {
    speak(settings.voice, [String(one("[data-count]").textContent)]);
  }
  if (state.count >= total(move)) {
    stopClock();
    navigator.vibrate?.(200);
  }
}

function run(every) {
  stopClock();
  clock = setInterval(tickOn, every);
}

function pace() {
  if (clock) {
    return stopClock();
  }
  run(planned().seconds * 1000);
  one("[data-do=pace]").setAttribute("aria-pressed", "true");
}

async function finish(pain) {
  noteBegun();
  const { account, on, zone, stopAt, started_at, done, versions, hurt } = state;
  const said = { exercises_done: Object.keys(done), amounts: done, versions, hurt, started_at, zone };
  await keepSession({ account, on, said: pain === undefined ? said : { ...said, pain_during: pain } });
  await remember("session", null);
  stayAwake(false);
  hush();
  one("[data-hurts]").replaceChildren();
  one("[data-too-much]").hidden = !(pain >= stopAt);
  show("done");
  screen("done").querySelector("h1").focus();
  const line = one("[data-saved]");
  await Promise.race([send(), new Promise((late) => setTimeout(late, 8000))]);
  const left = (await queued(account)).find((entry) => entry.isSession && entry.on === on);
  line.textContent = line.dataset[left ? (left.refused ? "refused" : "waits") : "saved"];
  const ready = await navigator.serviceWorker?.getRegistration();
  await ready?.sync?.register("send").catch(() => null);
}

async function drop() {
  await remember("session", null);
  stayAwake(false);
  location.assign(one("[data-close]").href);
}

function back() {
  state.phase = "move";
  store();
  draw();
}

function end() {
  state.phase = "end";
  store();
  draw();
}

const DO = {
  begin,
  next: () => next(),
  skip: () => next({ isDone: false }),
  easier,
  hurt,
  count,
  pace,
  on: goOn,
  longer: () => {
    state.restEnds += 15_000;
    store();
  },
  unsaid: () => finish(),
  back,
  drop,
};

// Opening

async function open() {
  const [plan, account, begun] = [await recall("plan"), await whose(), await recall("session")];
  settings = { ...settings, ...(await recall("session-settings")) };
  if (begun?.account === account && account) {
    [state, isHeld] = [begun, !plan];
    state.phase = isOver() ? "end" : state.phase;
    stayAwake(!isOver());
    return draw();
  }
  if (!plan || plan.account !== account) {
    return show("none");
  }
  const today = dayIn(plan.zone);
  const moves = movesOf(plan, today);
  one("[data-names]").replaceChildren(
    ...moves.map((move) => Object.assign(document.createElement("li"), { textContent: `${nameOf(move.key)}, ${move.words}` })),
  );
  one("[data-older]").hidden = plan.on === today;
  one(`[name=rest][value="${settings.rest}"]`).checked = true;
  one("[name=voice]").checked = settings.voice;
  canSpeak((can) => (one("[data-voice]").hidden = !can));
  return show("start");
}

player.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do) {
    DO[button.dataset.do]();
  } else if (button?.dataset.score) {
    finish(Number(button.dataset.score));
  } else if (button?.dataset.undo) {
    undo(button.dataset.undo);
  }
});
const dialog = one("[data-dialog]");
one("[data-signs]").addEventListener("click", () => {
  stopClock();
  hush();
  dialog.showModal();
});
one("[data-shut]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => state && state.phase === "rest" && !screen("rest").hidden && draw());
one("[data-leave]").addEventListener("click", end);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && state?.phase === "move") {
    stopClock(); // a call, or another page: what was counted stays
  }
});
open();

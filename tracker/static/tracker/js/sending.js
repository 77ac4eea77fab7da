// Sends what waits, each entry once: one sender at a time, under a name that the server knows again.
import { begin, queued, recall, refuse, remember, remove, settle, tell, whose } from "./store.js";

const PASS = "/offline/pass/";
const ENTRIES = "/api/v1/entries/";
const SESSIONS = "/api/v1/sessions/";
const PATIENCE = 20_000;
// The same tap, once by the page and once from here: as near in time as the server itself would have it.
const SAME_TAP = 10 * 60_000;
const REFUSALS = new Set([400, 404, 409, 410, 412, 413, 422]);

const ask = (url, options = {}) =>
  fetch(url, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE), ...options });

// Who is signed in, and the token that a write needs. Throws without network.
export async function pass() {
  const response = await ask(PASS);
  return response.ok ? response.json() : { account: "", token: "" };
}

let next;

// Comes to "sent", "empty", "away" (no network) or "stranger" (nobody, or another person, is signed in).
// One sender at a time, in all tabs; of a tab that wishes more often meanwhile, one wish stands in line.
export function send() {
  if (!navigator.locks) {
    return sendAll();
  }
  next ??= navigator.locks.request("ebb-sending", () => {
    next = undefined;
    return sendAll();
  });
  return next;
}

async function sendAll() {
  const account = await whose();
  const due = account ? (await queued(account)).filter((entry) => !entry.refused) : [];
  if (!due.length) {
    return "empty";
  }
  try {
    const { account: signedIn, token } = await pass();
    return signedIn === account ? await sendEach(account, due, token) : "stranger";
  } catch {
    return "away";
  }
}

async function sendEach(account, due, token) {
  let sent = 0;
  try {
    for (const entry of due) {
      sent += await sendOne(entry, token);
    }
  } finally {
    if (sent) {
      const unseen = await recall("sent");
      const n = sent + (unseen?.account === account ? unseen.n : 0);
      await remember("sent", { account, n, at: new Date().toISOString() });
      tell();
    }
  }
  return "sent";
}

// Comes to the number of entries that were sent.
async function sendOne(entry, token) {
  await begin(entry.uuid);
  const write = (method, body, headers = {}) =>
    ask(`${ENTRIES}${entry.uuid}/`, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  if (entry.gone) {
    return bury(entry, await write("DELETE"));
  }
  const response = await sent(entry, write, token);
  if (response.ok) {
    await settle(entry);
    return 1;
  }
  if (!REFUSALS.has(response.status)) {
    throw new Error(`not now: ${response.status}`);
  }
  const { detail = "", errors = [] } = await response.json().catch(() => ({}));
  await refuse(entry.uuid, { status: response.status, words: [detail, ...errors.map((error) => error.detail)].join(" ") });
  return 0;
}

// A session is added to what the day holds already, however often it is sent.
function sent(entry, write, token) {
  if (entry.isSession) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    return ask(`${SESSIONS}${entry.on}/merge/`, { method: "POST", headers, body: JSON.stringify(entry.said) });
  }
  return entry.isAddition ? write("PATCH", entry.said) : sendNew(entry, write);
}

// Written only where there is nothing yet. If there is, it may have arrived before, and only the answer was lost; then
// what was changed since is added to it, and what another device has added stays.
async function sendNew(entry, write) {
  const { nrs, felt_at, zone, said = {}, edits } = entry;
  const whole = { ...(await placesOf(entry)), ...said, nrs, felt_at, source: "offline", ...(zone && { zone }) };
  const response = await write("PUT", whole, { "If-None-Match": "*" });
  if (![409, 412].includes(response.status)) {
    return response;
  }
  const there = await ask(`${ENTRIES}${entry.uuid}/`);
  if (!there.ok || !isSameTap(await there.json(), entry)) {
    return response;
  }
  return edits ? write("PATCH", { ...said, nrs, felt_at }) : there;
}

// "Same as last time": the places of the entry that it named, unless the person has said others.
async function placesOf({ again, said }) {
  const response = again && !said?.sites && (await ask(`${ENTRIES}${again}/`));
  return response && response.ok ? { sites: (await response.json()).sites } : {};
}

function isSameTap(there, { nrs, felt_at, first }) {
  const near = (one) => there.nrs === one.nrs && Math.abs(new Date(there.felt_at) - new Date(one.felt_at)) < SAME_TAP;
  return near({ nrs, felt_at }) || Boolean(first && near(first));
}

async function bury({ uuid }, response) {
  if (!response.ok && ![404, 410].includes(response.status)) {
    throw new Error(`not now: ${response.status}`);
  }
  await remove(uuid);
  return 0;
}

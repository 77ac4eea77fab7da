// Sends what waits, each entry once: one sender at a time, under a name that the server knows again.
import { recall, refuse, remember, remove, tell, waiting, whose } from "./store.js";

const PASS = "/offline/pass/";
const ENTRIES = "/api/v1/entries/";
const PATIENCE = 20_000;
// The same tap, once by the page and once from here: as near in time as the server itself would have it.
const SAME_TAP = 10 * 60_000;
const REFUSALS = new Set([400, 409, 410, 413, 422]);

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
  next ??= navigator.locks.request("ebb-sending", () => {
    next = undefined;
    return sendAll();
  });
  return next;
}

async function sendAll() {
  const account = await whose();
  const due = account ? (await waiting(account)).filter((entry) => !entry.refused) : [];
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

async function sendOne({ uuid, nrs, felt_at, zone }, token) {
  const response = await ask(`${ENTRIES}${uuid}/`, {
    method: "PUT",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token, "If-None-Match": "*" },
    body: JSON.stringify({ nrs, felt_at, source: "offline", ...(zone && { zone }) }),
  });
  if (response.ok || ([409, 412].includes(response.status) && (await isThere(uuid, nrs, felt_at)))) {
    await remove(uuid);
    return 1;
  }
  if (!REFUSALS.has(response.status) && response.status !== 412) {
    throw new Error(`not now: ${response.status}`);
  }
  const { detail = "", errors = [] } = await response.json().catch(() => ({}));
  await refuse(uuid, { status: response.status, words: [detail, ...errors.map((error) => error.detail)].join(" ") });
  return 0;
}

// The tap had arrived, only the answer was lost; since then the patient may have added to it.
async function isThere(uuid, nrs, felt_at) {
  const response = await ask(`${ENTRIES}${uuid}/`);
  const entry = response.ok ? await response.json() : {};
  return entry.nrs === nrs && Math.abs(new Date(entry.felt_at) - new Date(felt_at)) < SAME_TAP;
}

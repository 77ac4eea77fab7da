// What this device holds of a person: entries that wait to be sent, each under the key of its account.
const NEWS = new BroadcastChannel("ebb-waiting");
let opened;

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("ebb", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "uuid" });
      request.result.createObjectStore("device");
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => close(request.result);
      request.result.onclose = () => (opened = undefined);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

function close(connection) {
  connection.close();
  opened = undefined;
}

async function transact(names, mode, work) {
  const transaction = (await database()).transaction(names, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  done.catch(() => null); // told below, or by the request that failed
  const result = await work(...[names].flat().map((name) => transaction.objectStore(name)));
  await done;
  return result;
}

// Tells every view of the queue, in this tab and in others. A channel does not hear itself.
export function tell() {
  NEWS.postMessage("changed");
  self.dispatchEvent(new Event("ebb-waiting"));
}

export function listen(heard) {
  NEWS.addEventListener("message", heard);
  self.addEventListener("ebb-waiting", heard);
}

// What waits, oldest first, with what is to be deleted because it was discarded after it had perhaps arrived.
export async function queued(account) {
  const all = await transact("entries", "readonly", (entries) => finished(entries.getAll()));
  return all
    .filter((entry) => entry.account === account)
    .sort((one, other) => one.felt_at.localeCompare(other.felt_at));
}

export async function waiting(account) {
  return (await queued(account)).filter((entry) => !entry.gone);
}

export async function othersWait(account) {
  const all = await transact("entries", "readonly", (entries) => finished(entries.getAll()));
  return all.some((entry) => entry.account !== account && !entry.gone);
}

const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "";

// Returns the uuid under which the entry waits. The same tap sent twice is one entry; another number is its own. A form
// names its moment: sent again, it says how that entry is to be. `again` names an entry of the log with the same places;
// `tried` says that it may have arrived already.
export async function keep({ account, nrs, uuid = crypto.randomUUID(), felt_at, said = {}, ...rest }) {
  const name = await transact("entries", "readwrite", async (entries) => {
    const earlier = await finished(entries.get(uuid));
    if (earlier && earlier.account === account && !earlier.gone && (felt_at || earlier.nrs === nrs)) {
      entries.put(edited(earlier, { nrs, felt_at: felt_at || earlier.felt_at, said: { ...earlier.said, ...said } }));
      return uuid;
    }
    const free = earlier ? crypto.randomUUID() : uuid;
    const at = felt_at || new Date().toISOString();
    entries.put({ zone: zoneHere(), ...rest, uuid: free, account, nrs, felt_at: at, said, refused: null });
    return free;
  });
  tell();
  return name;
}

// More about an entry that is in the log: it waits too, and what is said twice counts as said last.
export async function keepAddition({ account, uuid, shown, said }) {
  await transact("entries", "readwrite", async (entries) => {
    const earlier = await finished(entries.get(uuid));
    if (earlier && earlier.account !== account) {
      return; // of two people on one device the first one waits; nobody can name the entries of another
    }
    entries.put({
      ...(earlier || { uuid, account, ...shown, isAddition: true }),
      said: { ...earlier?.said, ...said },
      edits: (earlier?.edits || 0) + 1,
      refused: null,
    });
  });
  tell();
}

// A finished session of the morning moves: one a day and account. Done twice, the day holds what both did.
export async function keepSession({ account, on, said }) {
  const uuid = `moves-${account}-${on}`;
  await transact("entries", "readwrite", async (entries) => {
    const earlier = await finished(entries.get(uuid));
    const both = earlier ? merged(earlier.said, said) : said;
    const { pain_during: nrs = null, started_at: felt_at } = both;
    const edits = (earlier?.edits || 0) + 1;
    entries.put({ uuid, account, on, isAddition: true, isSession: true, nrs, felt_at, said: both, edits, refused: null });
  });
  tell();
}

function merged(one, other) {
  const amounts = { ...one.amounts };
  Object.entries(other.amounts).forEach(([key, n]) => (amounts[key] = Math.max(n, amounts[key] || 0)));
  const pains = [one.pain_during, other.pain_during].filter((pain) => pain !== undefined);
  return {
    ...one,
    exercises_done: [...new Set([...one.exercises_done, ...other.exercises_done])],
    amounts,
    versions: { ...other.versions, ...one.versions },
    hurt: [...new Set([...one.hurt, ...other.hurt])],
    ...(pains.length && { pain_during: Math.max(...pains) }),
  };
}

// Before it is sent for the first time. From then on it may have arrived, whatever comes back.
export function begin(uuid) {
  return transact("entries", "readwrite", async (entries) => {
    const entry = await finished(entries.get(uuid));
    return entry && finished(entries.put({ ...entry, tried: true }));
  });
}

// It has arrived, as it stood when it was sent. Changed or discarded meanwhile, it goes on waiting, to be put right.
export async function settle({ uuid, edits = 0 }) {
  await transact("entries", "readwrite", async (entries) => {
    const entry = await finished(entries.get(uuid));
    const isSame = entry && !entry.gone && (entry.edits || 0) === edits;
    return isSame && finished(entries.delete(uuid));
  });
  tell();
}

export async function remove(uuid) {
  await transact("entries", "readwrite", (entries) => finished(entries.delete(uuid)));
  tell();
}

// The person does not want it any more. What may have arrived is deleted there as well.
export async function discard(uuid) {
  await transact("entries", "readwrite", async (entries) => {
    const entry = await finished(entries.get(uuid));
    const mayBeThere = entry && entry.tried && !entry.refused && !entry.isAddition;
    return entry && finished(mayBeThere ? entries.put({ ...entry, gone: true }) : entries.delete(uuid));
  });
  tell();
}

// The server did not take it: it stays, with the words why, until the person changes or discards it.
export async function refuse(uuid, refused) {
  await transact("entries", "readwrite", async (entries) => {
    const entry = await finished(entries.get(uuid));
    return entry && finished(entries.put({ ...entry, refused }));
  });
  tell();
}

// Returns the name of the changed entry, or nothing where it was sent meanwhile.
export async function change(uuid, { nrs, felt_at, said }) {
  const name = await transact("entries", "readwrite", async (entries) => {
    const entry = await finished(entries.get(uuid));
    if (!entry || entry.gone) {
      return undefined;
    }
    const changed = edited(entry, { nrs, felt_at, said: said || entry.said || {} });
    entries.put(changed);
    if (changed.uuid !== uuid) {
      entries.delete(uuid);
    }
    return changed.uuid;
  });
  tell();
  return name;
}

// One that was refused becomes a new one, so that it never meets what the old name stands for. Its zone is then the
// patient's. Any other keeps its name, and `first` the way in which it may have arrived.
function edited(entry, now) {
  if (entry.refused) {
    return { uuid: crypto.randomUUID(), account: entry.account, zone: "", refused: null, ...now };
  }
  const { edits = 0, first = { nrs: entry.nrs, felt_at: entry.felt_at } } = entry;
  return { ...entry, ...now, first, edits: edits + 1 };
}

export function remember(name, value) {
  return transact("device", "readwrite", (device) => finished(device.put(value, name)));
}

export function recall(name) {
  return transact("device", "readonly", (device) => finished(device.get(name)));
}

// Who is signed in says the page; a page that anybody may see means the person who last was, on this device.
export async function whose() {
  return self.document?.querySelector("meta[name=account]")?.content || recall("account");
}

// Nothing of this account stays; what another person wrote on this device does.
export async function forget(account) {
  await transact(["entries", "device"], "readwrite", async (entries, device) => {
    device.clear();
    for (const entry of await finished(entries.getAll())) {
      if (entry.account === account) {
        entries.delete(entry.uuid);
      }
    }
  });
  tell();
}

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

export async function waiting(account) {
  const all = await transact("entries", "readonly", (entries) => finished(entries.getAll()));
  return all
    .filter((entry) => entry.account === account)
    .sort((one, other) => one.felt_at.localeCompare(other.felt_at));
}

export async function othersWait(account) {
  const all = await transact("entries", "readonly", (entries) => finished(entries.getAll()));
  return all.some((entry) => entry.account !== account);
}

// Returns the uuid under which the entry waits. The same tap sent twice is one entry; another number is its own.
export async function keep({ account, nrs, uuid = crypto.randomUUID() }) {
  const felt_at = new Date().toISOString();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const name = await transact("entries", "readwrite", async (entries) => {
    const earlier = await finished(entries.get(uuid));
    if (earlier && earlier.account === account && earlier.nrs === nrs) {
      return uuid;
    }
    const free = earlier ? crypto.randomUUID() : uuid;
    entries.put({ uuid: free, account, nrs, felt_at, zone, refused: null });
    return free;
  });
  tell();
  return name;
}

export async function remove(uuid) {
  await transact("entries", "readwrite", (entries) => finished(entries.delete(uuid)));
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

// A changed entry is a new one, so that it never meets what the old name stands for. Its zone is then the patient's.
export async function change(uuid, { nrs, felt_at }) {
  await transact("entries", "readwrite", async (entries) => {
    const { account } = await finished(entries.get(uuid));
    entries.delete(uuid);
    entries.put({ uuid: crypto.randomUUID(), account, nrs, felt_at, zone: "", refused: null });
  });
  tell();
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

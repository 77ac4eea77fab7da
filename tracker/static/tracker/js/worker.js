// The service worker: keeps the public files and pages, and catches a tap or an alarm answer that finds no network.
import { rated, said } from "./entry-form.js";
import { send } from "./sending.js";
import { keep, keepAddition } from "./store.js";

const OFFLINE = "/offline/";
// The forms that make an entry, and those that say more about one.
const NEW = /^\/entries\/(add|again|earlier)\/$/;
const MORE = /^\/entries\/([0-9a-f-]{36})\/(detail\/|sites\/)?$/;
const PATIENCE = 10_000;
const SHARED = "/shared/"; // what a link shows is somebody else's: never met here
const AWAY = new Set([502, 503, 504]); // a proxy answers, Ebb does not

// `instead`: kept pages that stand in for others. `emergency`: the page of that name, and the answers that lead to it.
export function serve({ version, files, icon, instead = {}, emergency = { answers: {} } }) {
  const name = `ebb-${version}`;
  const kept = new Set(files);

  self.addEventListener("install", (event) => event.waitUntil(fill(name, files)));
  self.addEventListener("activate", (event) => event.waitUntil(takeOver(name)));
  self.addEventListener("push", (event) => event.waitUntil(show(event.data, icon)));
  self.addEventListener("notificationclick", (event) => event.waitUntil(clicked(event)));
  self.addEventListener("sync", (event) => event.waitUntil(sendOrRetry()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin || pathname.startsWith(SHARED)) {
      return;
    }
    const isSent = request.mode === "navigate" && request.method === "POST";
    if (isSent && (NEW.test(pathname) || MORE.test(pathname))) {
      event.respondWith(write(request, pathname));
    } else if (isSent && pathname === emergency.asked) {
      event.respondWith(answer(request, instead[pathname], emergency));
    } else if (request.mode === "navigate" && request.method === "GET") {
      const twin = instead[pathname] || OFFLINE;
      event.respondWith(kept.has(pathname) ? fromCache(name, pathname, request) : visit(name, request, twin));
    } else if (request.method === "GET" && kept.has(pathname)) {
      event.respondWith(fromCache(name, pathname, request));
    }
  });
}

// Public files only, asked for without the cookie of whoever is signed in.
async function fill(name, files) {
  const cache = await caches.open(name);
  await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache", credentials: "omit" })));
  await self.skipWaiting();
}

async function takeOver(name) {
  const old = (await caches.keys()).filter((other) => other.startsWith("ebb-") && other !== name);
  await Promise.all(old.map((other) => caches.delete(other)));
  await self.clients.claim();
}

async function fromCache(name, path, request) {
  const cache = await caches.open(name);
  return (await cache.match(path, { ignoreVary: true })) || fetch(request);
}

async function visit(name, request, twin) {
  const response = await fetch(request).catch(() => null);
  return response && !AWAY.has(response.status) ? response : fromCache(name, twin, request);
}

// What the network gives in time; null where it gives nothing, or a proxy answers in its place.
async function inTime(request) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const response = await Promise.race([fetch(request).catch(() => null), late]);
  return response && !AWAY.has(response.status) ? response : null;
}

// Alarm answers go to the server as always. If that fails, one that may mean an emergency shows its page from here;
// nothing of the answers is kept.
async function answer(request, twin, emergency) {
  const copy = request.clone();
  const response = await inTime(request);
  if (response) {
    return response;
  }
  const form = await copy.formData();
  const isAlarm = Object.entries(emergency.answers).some(([name, words]) => words.includes(form.get(name)));
  return Response.redirect(isAlarm ? emergency.page : twin, 303);
}

// The form goes to the server as always. Only if that fails, what it says is kept here and the offline page says so.
async function write(request, pathname) {
  const copy = request.clone();
  const response = await inTime(request);
  if (response) {
    return response;
  }
  const form = await copy.formData();
  const account = form.get("account");
  const [, known] = pathname.match(MORE) || [];
  const uuid = account && (known ? await more(form, account, known) : await made(form, account));
  if (!uuid) {
    return Response.error();
  }
  await self.registration.sync?.register("send").catch(() => null);
  return Response.redirect(`${OFFLINE}?saved=${uuid}`, 303);
}

function made(form, account) {
  const { nrs, felt_at } = rated(form);
  const [uuid, again] = ["uuid", "of"].map((name) => form.get(name) || undefined);
  const { zone } = JSON.parse(form.get("before") || "{}");
  return nrs === undefined ? "" : keep({ account, uuid, nrs, felt_at, said: said(form), again, ...(zone && { zone }), tried: true });
}

async function more(form, account, uuid) {
  const { nrs, felt_at } = JSON.parse(form.get("before") || "{}");
  if (felt_at) {
    await keepAddition({ account, uuid, shown: { nrs, felt_at }, said: { ...said(form), ...rated(form) } });
  }
  return felt_at && uuid;
}

// An error makes the browser try again later.
async function sendOrRetry() {
  if ((await send()) === "away") {
    throw new Error("no network yet");
  }
}

// A message from Ebb. A browser wants to see one shown for each, so one that cannot be read says only whom it is from.
function show(data, icon) {
  let told = {};
  try {
    told = data.json();
  } catch {
    // as if it said nothing
  }
  const { title = "Ebb", body = "", tag = "", url = "/", acts = [] } = told;
  const actions = acts.map(({ action, title }) => ({ action, title }));
  return self.registration.showNotification(title, { body, tag, icon, actions, data: { url, acts } });
}

// A button of the message answers as a link of the mail does: its address is the permission, so no cookie goes with it.
// Where that cannot be done, or has ended, the page of that address says so.
async function clicked({ notification, action }) {
  notification.close();
  const { url, acts = [] } = notification.data || {};
  const act = acts.find((one) => one.action === action);
  if (!act) {
    return open(url);
  }
  const { origin, href } = new URL(act.url, self.location.origin);
  const isOurs = origin === self.location.origin;
  const answer = isOurs && (await fetch(href, { method: "POST", credentials: "omit" }).catch(() => null));
  return answer?.ok || open(href);
}

// Only ever to a page of this Ebb.
async function open(wanted) {
  const url = new URL(wanted || "/", self.location.origin);
  const target = url.origin === self.location.origin ? url.href : self.location.origin;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((one) => one.url === target);
  return shown ? shown.focus() : self.clients.openWindow(target);
}

// The service worker: keeps the public files and pages, and catches a tap or an alarm answer that finds no network.
import { send } from "./sending.js";
import { keep } from "./store.js";

const OFFLINE = "/offline/";
const TAP = "/entries/add/";
const PATIENCE = 10_000;
const AWAY = new Set([502, 503, 504]); // a proxy answers, Ebb does not

// `instead`: kept pages that stand in for others. `emergency`: the page of that name, and the answers that lead to it.
export function serve({ version, files, instead = {}, emergency = { answers: {} } }) {
  const name = `ebb-${version}`;
  const kept = new Set(files);

  self.addEventListener("install", (event) => event.waitUntil(fill(name, files)));
  self.addEventListener("activate", (event) => event.waitUntil(takeOver(name)));
  self.addEventListener("sync", (event) => event.waitUntil(sendOrRetry()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin) {
      return;
    }
    if (request.mode === "navigate" && request.method === "POST" && pathname === TAP) {
      event.respondWith(tap(request));
    } else if (request.mode === "navigate" && request.method === "POST" && pathname === emergency.asked) {
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

// The form goes to the server as always. Only if that fails, the number is kept here and the offline page says so.
async function tap(request) {
  const copy = request.clone();
  const response = await inTime(request);
  if (response) {
    return response;
  }
  const form = await copy.formData();
  if (!form.get("account") || !/^\d+$/.test(form.get("nrs"))) {
    return Response.error();
  }
  const tapped = { account: form.get("account"), nrs: Number(form.get("nrs")) };
  const uuid = await keep({ ...tapped, uuid: form.get("uuid") || undefined });
  await self.registration.sync?.register("send").catch(() => null);
  return Response.redirect(`${OFFLINE}?saved=${uuid}`, 303);
}

// An error makes the browser try again later.
async function sendOrRetry() {
  if ((await send()) === "away") {
    throw new Error("no network yet");
  }
}

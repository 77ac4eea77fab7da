// The service worker: keeps the public files and the offline page, and catches a tap that finds no network.
import { send } from "./sending.js";
import { keep } from "./store.js";

const OFFLINE = "/offline/";
const TAP = "/entries/add/";
const PATIENCE = 10_000;
const AWAY = new Set([502, 503, 504]); // a proxy answers, Ebb does not

export function serve({ version, files }) {
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
    } else if (request.mode === "navigate" && request.method === "GET") {
      event.respondWith(pathname === OFFLINE ? fromCache(name, OFFLINE, request) : visit(name, request));
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

async function visit(name, request) {
  const response = await fetch(request).catch(() => null);
  return response && !AWAY.has(response.status) ? response : fromCache(name, OFFLINE, request);
}

// The form goes to the server as always. Only if that fails, the number is kept here and the offline page says so.
async function tap(request) {
  const copy = request.clone();
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const response = await Promise.race([fetch(request).catch(() => null), late]);
  if (response && !AWAY.has(response.status)) {
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

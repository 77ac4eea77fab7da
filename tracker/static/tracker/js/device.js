// Makes this device ready for a day without network, and sends what waits whenever there is hope.
import { send } from "./sending.js";
import { remember } from "./store.js";

const AGAIN = 20_000;
const said = (name) => document.querySelector(`meta[name=${name}]`)?.content;
const account = said("account");

// After such a result nobody goes on with a list of moves that this device still has. Without storage it has none.
if (said("exercise") === "rests") {
  remember("plan", null).catch(() => null);
}

// Without a secure address a browser has no service worker and no lock: then all is as without script.
if (isSecureContext && navigator.serviceWorker && navigator.locks) {
  start();
}

async function start() {
  if (account) {
    await remember("account", account);
    await remember("region", said("region") || "");
    addEventListener("load", register);
    if (document.readyState === "complete") {
      register();
    }
  }
  // What the browser thinks of its network is only a hint: each of these just tries.
  addEventListener("online", send);
  addEventListener("pageshow", (event) => event.persisted && send());
  document.addEventListener("visibilitychange", () => document.hidden || send());
  setInterval(() => document.hidden || send(), AGAIN);
  await send();
}

function register() {
  navigator.serviceWorker.register("/sw.js", { type: "module" }).catch(() => null);
}

// Before signing out: send or discard what waits; then nothing of this person stays on the device.
import { pass, send } from "./sending.js";
import { discard, forget, othersWait, waiting, whose } from "./store.js";

function ask(form) {
  const dialog = form.querySelector("dialog");
  const [count, trouble] = [dialog.querySelector("[data-count]"), dialog.querySelector("[data-trouble]")];
  const say = (name) => (trouble.textContent = trouble.dataset[name] || "");

  async function leave(account, letGo = () => null) {
    try {
      await pass(); // Without network nobody is signed out: then nothing is taken away either.
    } catch {
      say("away");
      return dialog.open || dialog.showModal();
    }
    // What was discarded, and may have arrived before, is deleted there too.
    await Promise.all((await waiting(account)).map(({ uuid }) => letGo(uuid)));
    await send();
    await forget(account);
    form.elements.others.value = (await othersWait(account)) ? "1" : "";
    const registrations = await navigator.serviceWorker.getRegistrations();
    await Promise.all(registrations.map((registration) => registration.unregister()));
    await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
    form.submit();
  }

  async function show(account) {
    const n = (await waiting(account)).length;
    count.textContent = (n === 1 ? count.dataset.one : count.dataset.many).replace("{n}", n);
    return n;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const account = await whose();
    say("");
    return account && (await show(account)) ? dialog.showModal() : leave(account);
  });
  dialog.querySelector("[data-send]").addEventListener("click", async () => {
    const [account, outcome] = [await whose(), await send()];
    return (await show(account)) ? say(outcome === "sent" ? "refused" : "away") : leave(account);
  });
  dialog.querySelector("[data-discard]").addEventListener("click", async () => leave(await whose(), discard));
  dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
}

if (isSecureContext && navigator.serviceWorker && navigator.locks) {
  document.querySelectorAll("[data-sign-out]").forEach(ask);
}

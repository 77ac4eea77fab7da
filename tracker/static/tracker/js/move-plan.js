// Keeps today's list of moves on this device, for a session step by step, with network or without.
import { recall, remember } from "./store.js";

const here = document.querySelector("[data-plan]");

async function start() {
  const plan = JSON.parse(here.dataset.plan);
  await remember("plan", plan);
  const begun = await recall("session");
  const link = document.querySelector("[data-guided]");
  link.hidden = false;
  if (begun?.account === plan.account && !begun.isFinished) {
    link.classList.add("begun");
  }
}

if (here && window.indexedDB) {
  start().catch(() => null); // without storage there is the list below
}

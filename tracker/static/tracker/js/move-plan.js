// Keeps today's list of moves on this device, for a session step by step, with network or without. While the moves are
// held there is none, and an earlier one must not be gone through either.
import { recall, remember } from "./store.js";

const here = document.querySelector("[data-plan]");

async function start() {
  const plan = JSON.parse(here.dataset.plan || "null");
  await remember("plan", plan);
  if (!plan) {
    return;
  }
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

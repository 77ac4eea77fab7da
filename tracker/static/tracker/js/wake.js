// Keeps the screen on during a session, where the browser can; it is asked again when the page comes back.
let isWanted = false;
let lock;

async function hold() {
  if (isWanted && !document.hidden) {
    lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
  }
}

export function stayAwake(wanted) {
  isWanted = wanted;
  if (wanted) {
    hold();
  } else {
    lock?.release();
  }
}

document.addEventListener("visibilitychange", hold);

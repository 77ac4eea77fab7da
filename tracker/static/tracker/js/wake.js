// Keeps the screen on during a session, where the browser can; it is asked again when the page comes back.
let isWanted = false;
let lock;

async function hold() {
  if (!isWanted || document.hidden || (lock && !lock.released)) {
    return;
  }
  const granted = await navigator.wakeLock?.request("screen").catch(() => undefined);
  lock?.release();
  lock = granted;
  if (!isWanted) {
    lock?.release(); // the session ended while the browser thought about it
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

// Signs this browser up for messages: asks its maker for an address and keys, and sends them with the form.
const form = document.querySelector("[data-push-form]");

if (form && isSecureContext && navigator.serviceWorker && window.PushManager && window.Notification) {
  document.querySelector("[data-push-missing]").hidden = true;
  form.hidden = false;
  form.elements.name.value ||= guessed();
  form.addEventListener("submit", (event) => {
    if (!form.elements.endpoint.value) {
      event.preventDefault();
      signUp();
    }
  });
}

async function signUp() {
  const said = form.querySelector("[data-push-said]");
  said.textContent = "";
  if ((await Notification.requestPermission()) !== "granted") {
    said.textContent = said.dataset.refused;
    return;
  }
  try {
    const registration = await navigator.serviceWorker.ready;
    const { endpoint, keys } = (await subscribed(registration.pushManager)).toJSON();
    form.elements.endpoint.value = endpoint;
    form.elements.public_key.value = keys.p256dh;
    form.elements.auth_secret.value = keys.auth;
    form.requestSubmit();
  } catch {
    said.textContent = said.dataset.failed;
  }
}

// One made for another key of this Ebb is of no use any more.
async function subscribed(manager) {
  const wanted = { userVisibleOnly: true, applicationServerKey: form.dataset.pushKey };
  try {
    return await manager.subscribe(wanted);
  } catch (error) {
    const old = await manager.getSubscription();
    if (!old) {
      throw error;
    }
    await old.unsubscribe();
    return manager.subscribe(wanted);
  }
}

function guessed() {
  const agent = navigator.userAgent;
  const first = (names) => names.find((name) => agent.includes(name)) || "";
  const browser = first(["Firefox", "Edg", "Chrome", "Safari"]).replace("Edg", "Edge");
  return [browser, first(["Android", "iPhone", "iPad", "Windows", "Mac", "Linux"])].filter(Boolean).join(", ");
}

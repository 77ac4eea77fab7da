// Reads aloud with a voice of this device. A voice that would send the words elsewhere is never used.
const speech = window.speechSynthesis;
const language = document.documentElement.lang;

const voice = () => speech?.getVoices().find((one) => one.localService && one.lang.startsWith(language));

// Tells, now and when the voices have been found, whether there is one.
export function canSpeak(tell) {
  tell(Boolean(voice()));
  speech?.addEventListener?.("voiceschanged", () => tell(Boolean(voice())));
}

export function speak(isWanted, lines) {
  const found = isWanted && voice();
  if (!found) {
    return;
  }
  speech.cancel();
  const said = new SpeechSynthesisUtterance(lines.join(". "));
  Object.assign(said, { voice: found, lang: found.lang, rate: 0.95 });
  speech.speak(said);
}

export function hush() {
  speech?.cancel();
}

addEventListener("pagehide", hush);
document.addEventListener("visibilitychange", () => document.hidden && hush());

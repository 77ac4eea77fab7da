// The short alarm questions without network: what the answers come to is worked out here, and nothing of it is kept.
const RANKS = ["self_care", "routine", "within_days", "same_day", "emergency"];
const rank = (level) => RANKS.indexOf(level);

function levelOf(question) {
  const answer = question.querySelector("input:checked")?.value;
  const counts = answer === "yes" || (answer === "unsure" && "unsureCounts" in question.dataset);
  return counts ? question.dataset.level : "";
}

function show(outcome) {
  for (const section of document.querySelectorAll("[data-outcome]")) {
    section.hidden = section.dataset.outcome !== outcome;
  }
  document.querySelector(`[data-outcome="${outcome}"]`)?.focus();
}

for (const form of document.querySelectorAll("[data-short-set]")) {
  const wanting = document.querySelector("[data-wanting]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const questions = [...form.querySelectorAll("fieldset")];
    const [worst] = questions.map(levelOf).sort((one, other) => rank(other) - rank(one));
    const isComplete = questions.every((question) => question.querySelector("input:checked"));
    wanting.textContent = worst || isComplete ? "" : wanting.dataset.words;
    if (worst === "emergency") {
      location.assign(form.dataset.emergency);
    } else {
      show(worst || (isComplete ? "none" : ""));
    }
  });
}

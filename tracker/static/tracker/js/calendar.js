// The days of a year are one stop of the tab key. Arrows go from day to day and from week to week, Home and End to the
// first and the last day. Without this script every day is a link of its own.

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

for (const calendar of document.querySelectorAll("[data-calendar]")) {
  const days = [...calendar.querySelectorAll("td a")];
  let here = days.at(-1);

  const stop = (day) => {
    here.tabIndex = -1;
    here = day;
    here.tabIndex = 0;
  };

  const target = (key) => {
    if (key === "Home") return days[0];
    if (key === "End") return days.at(-1);
    return key in STEPS ? days[days.indexOf(here) + STEPS[key]] : undefined;
  };

  for (const day of days) day.tabIndex = -1;
  if (here) here.tabIndex = 0;

  calendar.addEventListener("focusin", (event) => {
    if (event.target.matches("td a")) stop(event.target);
  });

  calendar.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const day = target(event.key);
    if (!day) return;
    event.preventDefault();
    stop(day);
    day.focus();
  });
}

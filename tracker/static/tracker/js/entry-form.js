// What a form says of an entry, in the words of the API: used by the page that is kept, and by the worker, which reads
// the forms of other pages when they find no network. What a form did not ask is left out.
const RATINGS = ["interference", "sleep", "mood"];
const TICKED = ["triggers", "eased_by"];
const WORDS = ["managed", "helped", "note"];

const number = (value) => (/^\d+$/.test(value ?? "") ? Number(value) : null);

// The places keep the numbers and qualities that they had before, unless the form asked for each, or its one question
// about the quality was answered in another way.
function places(form, before) {
  const known = new Map((before.sites || []).map((place) => [place.site, place]));
  const quality = form.get("quality");
  const isOther = quality !== null && quality !== (before.quality ?? "");
  return [...new Set(form.getAll("sites"))].filter(Boolean).map((site) => {
    const was = known.get(site) || { nrs: null, quality: quality || "" };
    return {
      site,
      nrs: form.has(`quality_${site}`) ? number(form.get(`nrs_${site}`)) : was.nrs,
      quality: form.get(`quality_${site}`) ?? (isOther ? quality : was.quality),
    };
  });
}

function earlier(form) {
  try {
    return JSON.parse(form.get("before") || "{}");
  } catch {
    return {};
  }
}

// Only what was said, or is taken back.
export function said(form) {
  const before = earlier(form);
  const found = {};
  if (form.has("sites") || form.has("note") || before.sites) {
    found.sites = places(form, before);
  }
  for (const name of RATINGS.filter((one) => form.has(one))) {
    found[name] = number(form.get(name));
  }
  for (const name of TICKED.filter((one) => form.has(one))) {
    found[name] = form.getAll(name).filter(Boolean);
  }
  for (const name of WORDS.filter((one) => form.has(one))) {
    found[name] = form.get(name).replaceAll("\r\n", "\n");
  }
  return found;
}

// The number and the moment. A moment that was not changed is not said again: it has seconds that the form has not.
export function rated(form) {
  const { day, wall_time } = earlier(form);
  const nrs = number(form.get("nrs"));
  const isMoved = form.has("day") && (form.get("day") !== day || form.get("wall_time") !== wall_time);
  return {
    ...(nrs !== null && { nrs }),
    ...(isMoved && { felt_at: instant(`${form.get("day")}T${form.get("wall_time")}`, earlier(form).zone) }),
  };
}

// Puts into the form what an entry says. `ask` shows the questions about a place that is chosen.
export function fill(form, said, ask) {
  for (const name of [...RATINGS, ...WORDS]) {
    if (form.elements[name]) {
      form.elements[name].value = said[name] ?? "";
    }
  }
  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    const chosen = box.name === "sites" ? (said.sites || []).map(({ site }) => site) : said[box.name] || [];
    box.checked = chosen.includes(box.value);
  }
  for (const { site, nrs, quality } of said.sites || []) {
    ask(site);
    form.elements[`nrs_${site}`].value = nrs ?? "";
    form.elements[`quality_${site}`].value = quality;
  }
}

// How far the clock of a zone is ahead of UTC at an instant, in milliseconds.
function ahead(instant, zone) {
  const options = { timeZone: zone, hourCycle: "h23", era: "short" };
  for (const part of ["year", "month", "day", "hour", "minute", "second"]) {
    options[part] = "numeric";
  }
  const parts = new Intl.DateTimeFormat("en-u-ca-iso8601", options).formatToParts(instant);
  const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

// The instant of a wall time. A time that comes twice means the first; a skipped one is read with the clock before.
export function instant(wall, zone = Intl.DateTimeFormat().resolvedOptions().timeZone) {
  const there = Date.parse(`${wall}Z`);
  const [before, after] = [-1, 1].map((side) => ahead(there + side * 86_400_000, zone));
  const fits = [before, after].find((offset) => ahead(there - offset, zone) === offset);
  return new Date(there - (fits ?? before)).toISOString();
}

// The day and time of an instant on this device's clock, as a datetime-local field wants it.
export function wallTime(instant) {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// Lets the drawn body be tapped. Each zone is a second handle of the box with the same place in the list; the boxes
// and the questions below them are what is sent.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

for (const form of document.querySelectorAll("[data-body-form]")) {
  const boxes = new Map([...form.querySelectorAll("input[name=sites]")].map((box) => [box.value, box]));
  const rows = form.querySelector("[data-rows]");
  const pattern = form.querySelector("[data-pattern]");
  const known = new Map([...rows.children].map((row) => [row.dataset.site, row]));
  const zones = [...form.querySelectorAll("[data-zone]")];
  const nameOf = (zone) => zone.querySelector("title").textContent;

  function newRow(site) {
    const row = pattern.content.firstElementChild.cloneNode(true);
    row.dataset.site = site;
    row.querySelector("legend").textContent = nameOf(zones.find((zone) => zone.dataset.zone === site));
    for (const part of row.querySelectorAll("[name], [id], [for]")) {
      for (const attribute of ["name", "id", "for"]) {
        const value = part.getAttribute(attribute);
        if (value) part.setAttribute(attribute, value.replace("__key__", site));
      }
    }
    known.set(site, row);
    return row;
  }

  // A row that was taken away is kept, so that a slip of the finger loses no number.
  function showRow(site, isChosen) {
    const row = known.get(site) || (isChosen && newRow(site));
    if (isChosen && !row.isConnected) rows.append(row);
    if (!isChosen && row) row.remove();
    form.querySelector("[data-none]").hidden = rows.children.length > 0;
  }

  function paint(site) {
    const isChosen = boxes.get(site).checked;
    const nrs = isChosen && known.get(site)?.querySelector("input[type=radio]:checked")?.value;
    for (const zone of zones.filter((zone) => zone.dataset.zone === site)) {
      zone.setAttribute("class", `zone${isChosen ? " chosen" : ""}${nrs ? ` pain-${nrs}` : ""}`);
      zone.setAttribute("aria-checked", isChosen);
      const words = form.dataset.rated.replace("%(place)s", nameOf(zone)).replace("%(nrs)s", nrs);
      zone.setAttribute("aria-label", nrs ? words : nameOf(zone));
      drawRims(zone.ownerSVGElement);
    }
  }

  // A copy of each chosen zone, and of the one with the focus, lies above all others, so that its rim is whole. Not as
  // <use>, whose copy could be focused as well: a stop of the Tab key with nothing to see or do.
  function drawRims(svg) {
    const above = zones.filter((zone) => {
      const isChosen = zone.getAttribute("aria-checked") === "true";
      return zone.ownerSVGElement === svg && (isChosen || zone === document.activeElement);
    });
    const copies = above.map((zone) => {
      const copy = document.createElementNS(svg.namespaceURI, "path");
      for (const name of ["class", "d"]) copy.setAttribute(name, zone.getAttribute(name));
      return copy;
    });
    svg.querySelector("[data-rims]").replaceChildren(...copies);
  }

  function choose(site, isChosen) {
    boxes.get(site).checked = isChosen;
    showRow(site, isChosen);
    paint(site);
  }

  // One stop of the Tab key for each figure; the arrow keys go to the nearest zone on that side.
  function focusOn(zone) {
    for (const other of zones) {
      if (other.ownerSVGElement === zone.ownerSVGElement) other.setAttribute("tabindex", other === zone ? 0 : -1);
    }
    zone.focus();
  }

  function middleOf(zone) {
    const { x, y, width, height } = zone.getBBox();
    return [x + width / 2, y + height / 2];
  }

  function nearest(from, [right, down]) {
    const [x, y] = middleOf(from);
    const ahead = zones.flatMap((zone) => {
      const [toX, toY] = middleOf(zone);
      const along = (toX - x) * right + (toY - y) * down;
      const aside = Math.abs((toX - x) * down) + Math.abs((toY - y) * right);
      const isAhead = zone.ownerSVGElement === from.ownerSVGElement && along > 1 && aside <= 2 * along;
      return isAhead ? [{ zone, distance: along + 2 * aside }] : [];
    });
    return ahead.sort((one, other) => one.distance - other.distance)[0]?.zone;
  }

  for (const figure of form.querySelectorAll("[data-figure]")) figure.setAttribute("role", "group");
  // Listened for around the drawings: in Chromium a drawing that listens for it is a stop of the Tab key of its own.
  form.addEventListener("focusin", ({ target }) => target.ownerSVGElement && drawRims(target.ownerSVGElement));
  form.addEventListener("focusout", ({ target: { ownerSVGElement: figure } }) => {
    if (figure) setTimeout(() => drawRims(figure));
  });
  for (const zone of zones) {
    const isFirst = zone.parentNode.querySelector("[data-zone]") === zone;
    zone.setAttribute("role", "checkbox");
    zone.setAttribute("tabindex", isFirst ? 0 : -1);
    zone.addEventListener("click", () => choose(zone.dataset.zone, !boxes.get(zone.dataset.zone).checked));
    zone.addEventListener("keydown", (event) => {
      const next = ARROWS[event.key] && nearest(zone, ARROWS[event.key]);
      if (next) focusOn(next);
      if (event.key === " " || event.key === "Enter") choose(zone.dataset.zone, !boxes.get(zone.dataset.zone).checked);
      if (next || ARROWS[event.key] || event.key === " " || event.key === "Enter") event.preventDefault();
    });
  }

  for (const [site, box] of boxes) {
    box.addEventListener("change", () => choose(site, box.checked));
    showRow(site, box.checked);
    paint(site);
  }
  rows.addEventListener("change", (event) => paint(event.target.closest("[data-site]").dataset.site));

  // Where one side is shown at a time, it begins with the one that has something chosen.
  const pair = form.querySelector("[data-shown]");
  const faces = form.querySelector("[data-faces]");
  const hasChosen = (face) => pair.querySelector(`[data-face="${face}"] .chosen`) !== null;

  function show(face) {
    pair.dataset.shown = face;
    for (const button of faces.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", button.dataset.show === face);
    }
  }

  faces.hidden = false;
  show(!hasChosen("front") && hasChosen("back") ? "back" : "front");
  for (const button of faces.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => show(button.dataset.show));
  }
}

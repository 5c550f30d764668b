"use strict";
// Sorting, filtering and tooltips. The page reads without any of it.

// A table sorts by the column whose name is pressed: numbers by what they are, not by how they are written.
function sortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => compare(a.cells[column], b.cells[column], descending ? -1 : 1));
      body.append(...rows);
    });
  });
}

// What was not measured stands last, whichever way the rest is sorted.
function compare(a, b, direction) {
  const [x, y] = [a.dataset.sort, b.dataset.sort];
  if (x !== undefined && y !== undefined) return direction * (Number(x) - Number(y));
  if (x !== undefined) return -1;
  if (y !== undefined) return 1;
  return direction * a.textContent.localeCompare(b.textContent);
}

// A long table shows the lines that hold all the words typed above it.
const LONG = 8;
function filterable(table) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < LONG) return;
  const field = document.createElement("input");
  field.type = "search";
  field.className = "filter";
  field.placeholder = `filter ${rows.length} lines`;
  field.setAttribute("aria-label", field.placeholder);
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !words.every((word) => texts.get(row).includes(word));
  });
  table.closest(".wide").before(field);
}

for (const table of document.querySelectorAll("table")) {
  sortable(table);
  filterable(table);
}

// Marks of drawings carry their numbers as <title>, which browsers show late and phones never: here they become
// tooltips, and names for those who hear the page.
for (const title of document.querySelectorAll("svg .mark > title")) {
  const mark = title.parentElement;
  mark.dataset.tip = title.textContent;
  mark.setAttribute("aria-label", title.textContent);
  title.remove();
}
const tip = document.getElementById("tip");
function show(event) {
  const holder = event.target.closest("[data-tip]");
  if (!holder) return hide();
  tip.textContent = holder.dataset.tip;
  tip.hidden = false;
  const box = holder.getBoundingClientRect();
  const [x, y] = event.clientX === undefined ? [box.left, box.bottom] : [event.clientX, event.clientY];
  const left = Math.min(x + 12, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = y + 16 + tip.offsetHeight < document.documentElement.clientHeight;
  tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
  tip.style.top = `${(below ? y + 16 : y - 12 - tip.offsetHeight) + window.scrollY}px`;
}
function hide() {
  tip.hidden = true;
}
document.addEventListener("pointermove", show);
document.addEventListener("pointerdown", show);
document.addEventListener("focusin", show);
document.addEventListener("focusout", hide);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

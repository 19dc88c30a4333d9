"use strict";
(() => {
const words = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});
const value = (cell) => cell.dataset.v ?? cell.textContent.trim();

function compare(a, b, isNumber, sign) {
  if (a === "" || b === "") return (a === "") - (b === "");
  return sign * (isNumber ? a - b : words.compare(a, b));
}

function sort(table, place, sign) {
  const isNumber = table.tHead.rows[0].cells[place].classList.contains("n");
  const keyed = [...table.tBodies[0].rows].map((row) => [value(row.cells[place]), row]);
  keyed.sort(([a], [b]) => compare(a, b, isNumber, sign));
  table.tBodies[0].append(...keyed.map(([, row]) => row));
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    head.setAttribute("aria-sort", at !== place ? "none" : sign > 0 ? "ascending" : "descending");
  });
}

for (const table of document.querySelectorAll("table.sorts")) {
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    if (!head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sort(table, place, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
  });
}

const tools = document.getElementById("tools"), said = document.getElementById("said");
const find = document.getElementById("find"), status = document.getElementById("status"), section = document.getElementById("section");
const only = [...tools.querySelectorAll("[data-only]")];
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const rows = [...document.getElementById("all").tBodies[0].rows];
const texts = new Map(rows.map((row) => [row, plain([...row.querySelectorAll("th, .name")].map((cell) => cell.textContent).join(" ") + " " + (row.dataset.section ?? ""))]));

function filter() {
  const parts = plain(find.value).split(/\s+/).filter(Boolean);
  const pressed = only.filter((button) => button.getAttribute("aria-pressed") === "true").map((button) => button.dataset.only);
  let shown = 0;
  for (const row of rows) {
    const fits = parts.every((part) => texts.get(row).includes(part))
      && (!status.value || row.dataset.status === status.value)
      && (!section?.value || row.dataset.section === section.value)
      && pressed.every((key) => key in row.dataset);
    row.hidden = !fits;
    shown += fits;
  }
  said.textContent = `${shown} of ${rows.length} shown.`;
}

for (const control of [find, status, section]) control?.addEventListener("input", filter);
for (const button of only) button.addEventListener("click", () => {
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
  filter();
});
for (const link of document.querySelectorAll('a[href^="#of-"]')) link.addEventListener("click", () => {
  document.getElementById(link.hash.slice(1)).closest("details").open = true;
});
tools.addEventListener("submit", (event) => event.preventDefault());
tools.hidden = false;
filter();
})();

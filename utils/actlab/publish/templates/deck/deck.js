/* Lays a lesson out on slides of 1280 × 720, then starts reveal.js.  Blocks follow each other down a slide; the one that
   no longer fits begins the next.  Measured here, in the reader's own fonts, so that nothing can hang over the edge. */
const WIDTH = 1280, HEIGHT = 720, ROOM = 712;

/* An explorer's sentence may grow by a line when its sliders move, and a prediction by its longest reply. */
const roomFor = (page) => ROOM - (page.querySelector(".actlab-explorer") ? 16 : 0) - longestReply(page);

function longestReply(page) {
  const closed = page.offsetHeight;
  const heights = [...page.querySelectorAll(".prediction > details")].map((option) => {
    option.open = true;
    const height = page.offsetHeight;
    option.open = false;
    return height - closed;
  });
  return Math.max(0, ...heights);
}

const isHeading = (block) => /^H[1-6]$/.test(block.tagName);
const leadsOn = (block) => isHeading(block) || (block.tagName === "P" && block.textContent.trim().endsWith(":"));
const goesOn = (block) => block.tagName === "P" && /^[a-z]/.test(block.textContent.trim());

/* What code prints, and all below it, waits until the code is read. */
function hold(page) {
  let held = false;
  for (const block of page.children) {
    held ||= block.tagName === "PRE" && block.previousElementSibling?.matches(".highlight");
    if (held) block.classList.add("fragment");
  }
}

/* A prediction has a slide to itself, on which one reply at a time is open. */
let predictions = 0;
function prediction(cell) {
  const block = document.createElement("div");
  block.className = "prediction";
  block.append(...cell.querySelector("details").parentElement.children);
  predictions += 1;
  block.querySelectorAll("details").forEach((option) => { option.name = `prediction-${predictions}`; });
  return block;
}

/* The blocks of one slide as nbconvert wrote it: paragraphs, code and outputs out of their nested cells. */
function blocksOf(element) {
  if (element.matches("aside, script, style")) return [];
  if (element.matches(".celltag_predict")) return [prediction(element)];
  if (element.matches(".fragment")) {
    const parts = [...element.children].flatMap(blocksOf);
    parts.forEach((part) => part.classList.add("fragment"));
    return parts;
  }
  const whole = ".highlight, [role=status], .actlab-explorer, .actlab-picture, table, pre, h1, h2, h3, h4, p, ul, ol, blockquote, mjx-container, hr";
  if (element.matches(whole) || !element.children.length) return element.textContent.trim() || element.querySelector("img, svg") ? [element] : [];
  return [...element.children].flatMap(blocksOf);
}

function slide(column, running) {
  const section = document.createElement("section");
  const page = document.createElement("div");
  page.className = "page";
  section.append(page);
  column.append(section);
  if (running) {
    const line = document.createElement("p");
    line.className = "running";
    line.textContent = running;
    page.append(line);
  }
  return page;
}

function lay(column) {
  const notes = [...column.querySelectorAll("aside.notes")].map((note) => note.innerHTML).join("");
  const title = column.querySelector("h1, h2")?.textContent ?? "";
  const written = [...column.children].map((section) => [...section.children].flatMap(blocksOf));
  column.replaceChildren();
  for (const blocks of written.filter((blocks) => blocks.length)) {
    let page = slide(column, isHeading(blocks[0]) ? "" : title);
    while (blocks.length) {
      const block = blocks.shift();
      if (page.querySelector(".prediction") || (block.matches(".prediction") && page.querySelector(":scope > :not(.running)"))) page = slide(column, isHeading(block) ? "" : title);
      page.append(block);
      if (page.offsetHeight <= roomFor(page)) continue;
      /* The block takes with it what must not stay behind at the foot of a slide: headings, a line that ends in a colon,
         and the paragraph of whose sentence it is the rest, as when a formula stands in between.  Only if this was not
         already all that the slide held: then a new slide would be just as full. */
      const held = [block];
      for (let above; (above = held[0].previousElementSibling) && (leadsOn(above) || goesOn(held[0])); ) held.unshift(above);
      if (held[0].previousElementSibling && !held[0].previousElementSibling.matches(".running")) {
        page = slide(column, isHeading(held[0]) ? "" : title);
        page.append(...held);
      }
      /* Still too high together: then the block does stand alone, and only after that is it made smaller. */
      if (page.offsetHeight > roomFor(page) && held.length > 1) {
        page = slide(column, title);
        page.append(block);
      }
      if (page.offsetHeight > roomFor(page)) page.querySelector(".running")?.remove();
      if (page.offsetHeight <= roomFor(page)) continue;
      if (block.tagName === "TABLE") blocks.unshift(...restOf(block, page));
      else shrink(page, block);
    }
  }
  for (const section of column.children) {
    const page = section.firstElementChild;
    const sparse = page.offsetHeight < (page.querySelector("table") ? 0.42 : 0.5) * ROOM;
    if (sparse && !page.querySelector(".highlight, pre, .actlab-explorer, .actlab-picture, .prediction")) page.classList.add("large");
    const lines = [...page.querySelectorAll("pre")].flatMap((pre) => pre.textContent.split("\n").map((line) => line.length));
    if (page.offsetHeight < 0.7 * ROOM && lines.length && Math.max(...lines) <= 84) page.classList.add("roomy");
    hold(page);
    const first = section.querySelector(".page > :not(.running)");
    for (let block = first; block?.matches(".fragment"); block = block.nextElementSibling) block.classList.remove("fragment");
    if (notes) section.insertAdjacentHTML("beforeend", `<aside class="notes">${notes}</aside>`);
  }
}

/* A long table goes on, under the same head, on the next slide. */
function restOf(table, page) {
  const rest = table.cloneNode(true), rows = [...table.tBodies[0].rows], others = [...rest.tBodies[0].rows];
  let kept = rows.length;
  while (kept > 1 && page.offsetHeight > roomFor(page)) rows[--kept].remove();
  others.slice(0, kept).forEach((row) => row.remove());
  return kept < rows.length ? [rest] : [];
}

function shrink(page, block) {
  const own = block.getBoundingClientRect().height, over = page.offsetHeight - roomFor(page);
  block.style.zoom = getComputedStyle(block).zoom * (own - over - 1) / own;
}

/* Whoever opens an option by the keyboard keeps Space and Enter for it; after a click they turn slides again. */
addEventListener("keydown", (event) => {
  if (event.target.matches?.("summary") && (event.key === " " || event.key === "Enter")) event.stopPropagation();
}, true);
addEventListener("click", (event) => {
  if (event.detail) event.target.closest?.("summary")?.blur();
});

/* A slider keeps its arrows, a button what presses it; every other key, such as a clicker's, turns slides. */
addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".actlab-explorer :is(input, button)")) return;
  const own = event.target.matches("button") ? /^( |Enter|Tab)$/ : /^(Arrow|Home|End|Tab)/;
  if (own.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  event.target.blur();
  Reveal.triggerKey(event.keyCode);
}, true);

window.MathJax = {
  tex: { inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]], processEscapes: true },
  options: { enableMenu: false, ignoreHtmlClass: "actlab-explorer|actlab-picture|jp-OutputArea" },
  startup: {
    async pageReady() {
      await MathJax.startup.defaultPageReady();
      await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
      document.body.classList.add("measuring");
      document.querySelectorAll(".slides > section").forEach(lay);
      document.body.classList.remove("measuring");
      await Reveal.initialize({
        width: WIDTH, height: HEIGHT, margin: 0, center: false, hash: true, transition: "none",
        slideNumber: "c", pdfSeparateFragments: false, plugins: [RevealNotes],
      });
    },
  },
};

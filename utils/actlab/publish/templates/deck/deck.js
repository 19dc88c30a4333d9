/* Lays a lesson out on slides of 1280 × 720, then starts reveal.js.  Blocks follow each other down a slide; the one that
   no longer fits begins the next.  Measured here, in the reader's own fonts, so that nothing can hang over the edge. */
const WIDTH = 1280, HEIGHT = 720, FULL = 712, WITH_LOGO = 662;
let ROOM = FULL;
const ASKS = ".prediction, .question";

/* An explorer's sentence may grow by a line when its sliders move, and a prediction by its longest reply. */
const roomFor = (page) => (page.matches(".tight") ? FULL : ROOM) - (page.querySelector(".actlab-explorer") ? 16 : 0) - longestReply(page);

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

/* What a reader opens on demand is not for a hall, but the line that opens it says what is there. */
const folded = (details) => Object.assign(document.createElement("p"), { textContent: details.querySelector("summary").textContent, className: "folded" });

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

function question(cell) {
  const block = document.createElement("div");
  block.className = "question";
  block.append(...cell.children);
  return block;
}

/* The blocks of one slide as nbconvert wrote it: paragraphs, code and outputs out of their nested cells. */
function blocksOf(element) {
  if (element.matches("script, style")) return [];
  if (element.matches("aside")) return [element];
  if (element.matches(".celltag_question")) return [question(element)];
  if (element.matches(".celltag_predict")) return [prediction(element)];
  if (element.matches("details")) return [folded(element)];
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

/* What a page must not lose of its blocks when it is laid out: each block's notes. */
const notesOf = new Map();
function withoutNotes(blocks) {
  let last = null;
  return blocks.filter((block) => {
    if (!block.matches("aside")) return (last = block);
    if (last) notesOf.set(last, (notesOf.get(last) ?? "") + block.innerHTML);
    return false;
  });
}

const isOutput = (block) => block.matches("pre, [role=status]");
const isAlone = (page) => !!page.querySelector(ASKS);
const isFilled = (page) => page.querySelector(":scope > :not(.running)");

function lay(column) {
  const title = column.querySelector("h1, h2")?.textContent ?? "";
  const written = [...column.children].map((section) => withoutNotes([...section.children].flatMap(blocksOf)));
  column.replaceChildren();
  for (const blocks of written.filter((blocks) => blocks.length)) {
    let page = slide(column, isHeading(blocks[0]) ? "" : title);
    while (blocks.length) {
      const block = blocks.shift();
      if (isAlone(page) || (block.matches(ASKS) && isFilled(page))) page = slide(column, isHeading(block) ? "" : title);
      page.append(block);
      if (block.tagName === "PRE") widen(block);
      if (page.offsetHeight <= roomFor(page)) continue;
      /* The block takes with it what must not stay behind at the foot of a slide: headings, a line that ends in a colon,
         the paragraph of whose sentence it is the rest, as when a formula stands in between, and the code whose output
         it is.  Only if this was not already all that the slide held: then a new slide would be just as full. */
      const held = [block];
      for (let above; (above = held[0].previousElementSibling) && (leadsOn(above) || goesOn(held[0]) || (isOutput(held[0]) && above.matches(".highlight"))); ) held.unshift(above);
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
      /* A logo moves aside before a figure is made smaller for it. */
      if (page.offsetHeight > roomFor(page) && ROOM < FULL) page.classList.add("tight");
      if (page.offsetHeight <= roomFor(page)) continue;
      if (block.tagName === "TABLE") blocks.unshift(...restOf(block, page));
      else shrink(page, block);
    }
  }
  join(column);
  for (const section of column.children) {
    const page = section.firstElementChild;
    const sparse = page.offsetHeight < (page.querySelector("table") ? 0.42 : 0.5) * ROOM;
    if (sparse && !page.querySelector(".highlight, pre, .actlab-explorer, .actlab-picture, .prediction, .question")) page.classList.add("large");
    enlarge(page);
    hold(page);
    for (const row of page.querySelectorAll(STEPS)) row.classList.add("fragment");
    const first = section.querySelector(".page > :not(.running)");
    for (let block = first; block?.matches(".fragment"); block = block.nextElementSibling) block.classList.remove("fragment");
    const notes = [...page.children].map((block) => notesOf.get(block) ?? "").join("");
    if (notes) addNotes(section, notes);
    if (isAlone(page)) countdown(section);
  }
  carryOn(column);
  pace(column);
}

/* The lines of a derivation, after its first one: each has a Space of its own. */
const STEPS = "mjx-container[display] [data-mml-node=math] > [data-mml-node=mtable] > [data-mml-node=mtr]:not(:first-child)";

/* A line or two alone on a slide join their neighbours, and come with the same Space as before. */
function join(column) {
  const sparse = (page) => page.offsetHeight < 0.36 * ROOM && !page.querySelector(".actlab-explorer, .actlab-picture, .highlight, h1");
  for (const section of [...column.children].slice(1)) {
    const page = section.firstElementChild, above = section.previousElementSibling.firstElementChild;
    const blocks = [...page.querySelectorAll(":scope > :not(.running)")];
    if (isAlone(page) || isAlone(above) || isHeading(blocks[0]) || above.querySelector(":scope > .joined") || !(sparse(page) || sparse(above))) continue;
    above.append(...blocks);
    if (above.offsetHeight > roomFor(above)) page.append(...blocks);
    else {
      section.remove();
      blocks.forEach((block) => {
        block.classList.add("joined", "fragment");
        block.dataset.fragmentIndex = JOINED;
      });
    }
  }
}
const JOINED = 50;

/* Whether the lines of an output fit, each in one. */
function isUnfolded(output) {
  const range = document.createRange(), style = getComputedStyle(output);
  output.style.whiteSpace = "pre";
  range.selectNodeContents(output);
  const wide = range.getBoundingClientRect().width;
  output.style.whiteSpace = "";
  return wide <= output.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) + 0.5;
}

/* A line too long for a slide's column may use its margins, before it is folded. */
function widen(output) {
  if (!isUnfolded(output)) output.classList.add("wide");
}

/* One number: what it is in a line, and the number itself across the slide. */
function asNumber(page, output) {
  const [, name, value] = /^(.*[:=]) (\S+)$/.exec(output.textContent.trimEnd());
  const large = Object.assign(document.createElement("strong"), { textContent: value });
  output.classList.add("number");
  output.replaceChildren(name, " ", large);
  for (const size of [150, 120, 90, 60]) {
    large.style.fontSize = `${size}px`;
    if (page.offsetHeight <= roomFor(page)) return;
  }
}

/* What is printed is as large as its slide allows; a short line is shown as a number is: large. */
function enlarge(page) {
  const outputs = [...page.querySelectorAll(":scope > pre")];
  const lines = outputs.flatMap((output) => output.textContent.trimEnd().split("\n"));
  if (!outputs.length || outputs.some((output) => output.style.zoom)) return;
  if (outputs.length === 1 && lines.length === 1 && /^.{3,40}[:=] \S{1,12}$/.test(lines[0])) return asNumber(page, outputs[0]);
  const few = outputs.length === 1 && lines.length <= 3;
  for (const size of few ? [56, 48, 40, 36, 32, 28] : [36, 32, 28]) {
    outputs.forEach((output) => { output.style.fontSize = `${size}px`; });
    if (outputs.every(isUnfolded) && page.offsetHeight <= roomFor(page)) return;
  }
  outputs.forEach((output) => { output.style.fontSize = ""; });
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

/* On a phone held upright a deck is read as a page, from top to bottom; so is `?read`. */
const isPlan = /[?&]plan\b/.test(location.search);
const upright = matchMedia("(max-width: 600px) and (orientation: portrait)");
const isRead = /[?&]read\b/.test(location.search) || (upright.matches && !/print-pdf/.test(location.search));

function read() {
  document.body.classList.add("reading");
  for (const column of document.querySelectorAll(".slides > section")) {
    const blocks = withoutNotes([...column.children].flatMap((section) => [...section.children].flatMap(blocksOf)));
    column.replaceChildren(...blocks);
    blocks.forEach((block) => block.classList.remove("fragment"));
  }
  upright.addEventListener("change", () => location.reload());
}

/* Keys that jump to another section do not first uncover what is hidden on this slide. */
const jumps = (to, end) => (event) => (event?.shiftKey ? Reveal.slide(end()) : to({ skipFragments: true }));

function show() {
  document.body.classList.add("measuring");
  if (document.getElementById("logo")) ROOM = WITH_LOGO;
  const columns = [...document.querySelectorAll(".slides > section")];
  columns.forEach(lay);
  numberPlan(columns);
  document.querySelectorAll("aside.notes").forEach(fitNotes);
  document.body.classList.remove("measuring");
}

function addLogo(slide, number) {
  const logo = document.getElementById("logo")?.content.firstElementChild.cloneNode();
  if (!logo) return;
  if (number) logo.alt = ""; // said once
  slide.append(logo);
}

window.MathJax = {
  tex: { inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]], processEscapes: true },
  options: { enableMenu: false, ignoreHtmlClass: "actlab-explorer|actlab-picture|jp-OutputArea" },
  startup: {
    async pageReady() {
      await MathJax.startup.defaultPageReady();
      await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
      if (isRead) return read();
      show();
      if (isPlan) {
        document.querySelector(".reveal").hidden = true;
        document.getElementById("plan").hidden = false;
        return;
      }
      document.querySelectorAll(".slides > section > section").forEach(addLogo);
      await Reveal.initialize({
        width: WIDTH, height: HEIGHT, margin: 0, center: false, hash: true, transition: "none",
        slideNumber: "c", pdfSeparateFragments: false, plugins: [RevealNotes], defaultTiming: 0,
        keyboard: {
          37: jumps((how) => Reveal.left(how), () => 0),
          39: jumps((how) => Reveal.right(how), () => Reveal.getHorizontalSlides().length - 1),
        },
      });
      Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Countdown on a question" }, toggleCountdown);
    },
  },
};

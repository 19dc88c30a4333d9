/* What the lecturer reads of a deck that is laid out: minutes for each slide, notes that fit, the numbers of slides. */

/* The speaker view's notes at 1440 × 900, and its sizes of letters there; in a smaller or larger window they follow it. */
const NOTES = { width: 532, height: 280, largest: 21, smallest: 12 };

/* The minutes of a section, spread over its slides: a question takes twice as long as another slide. */
function pace(column) {
  const seconds = Number(column.querySelector("[data-seconds]")?.dataset.seconds ?? 0);
  const slides = [...column.children], weights = slides.map((slide) => (slide.querySelector(ASKS) ? 2 : 1));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  slides.forEach((slide, number) => {
    const until = before + weights[number];
    slide.dataset.timing = Math.round((seconds * until) / all) - Math.round((seconds * before) / all);
    before = until;
  });
}

/* Letters as large as the notes allow without scrolling. */
function fitNotes(box) {
  const probe = document.createElement("div");
  probe.style.cssText = `position: absolute; visibility: hidden; width: ${NOTES.width}px; font: 21px/1.4 Helvetica, sans-serif`;
  probe.innerHTML = box.innerHTML;
  probe.querySelectorAll("mjx-assistive-mml").forEach((part) => part.remove());
  document.body.append(probe);
  let size = NOTES.largest;
  do probe.style.fontSize = `${size}px`; while (probe.offsetHeight > NOTES.height && --size >= NOTES.smallest);
  probe.remove();
  const letters = Math.max(size, NOTES.smallest), inView = `min(${(letters / 14.4).toFixed(3)}vw, ${(letters / 9).toFixed(3)}vh)`;
  box.innerHTML = `<div style="font-size: max(11px, ${inView})">${probe.innerHTML}</div>`;
}

function addNotes(slide, html) {
  const box = slide.querySelector("aside.notes") ?? slide.appendChild(Object.assign(document.createElement("aside"), { className: "notes" }));
  box.insertAdjacentHTML("beforeend", html);
}

/* What a lecturer does after a vote is said once more on the slide that follows it, where it is done. */
function carryOn(column) {
  for (const slide of column.querySelectorAll(`:scope > section:has(${ASKS}) + section:not(:has(${ASKS}))`)) {
    const lines = [...slide.previousElementSibling.querySelectorAll("aside.notes li")].filter((line) => line.textContent.trim().startsWith("Then:"));
    if (lines.length) addNotes(slide, `<ul>${lines.map((line) => line.outerHTML).join("")}</ul>`);
  }
}

/* Where each section begins: on the page of the plan, and as an agenda in the notes of its lesson's title. */
function numberPlan(columns) {
  const slides = columns.flatMap((column) => [...column.children]);
  const places = [...document.querySelectorAll("#plan [data-goes-to]")];
  let title, rows = [];
  const close = () => {
    if (title) addNotes(title, `<ul style="columns: 4; padding-left: 0; list-style: none; font-size: .9em; line-height: 1.3">${rows.join("")}</ul>`);
    rows = [];
  };
  columns.forEach((column, h) => {
    const heading = column.querySelector("h1, h2");
    if (heading?.tagName !== "H2") {
      close();
      title = column.firstElementChild;
      return;
    }
    const number = slides.indexOf(column.firstElementChild) + 1;
    const minutes = [...column.children].reduce((sum, slide) => sum + Number(slide.dataset.timing), 0) / 60;
    const name = /^\d+\.\d+/.exec(heading.textContent)?.[0] ?? heading.textContent;
    rows.push(`<li><b>G ${number}</b> ${name}${minutes ? `, ${minutes} min` : ""}</li>`);
    const place = places.shift();
    if (place) place.innerHTML = `<a href="${location.pathname.split("/").pop()}#/${h}">G ${number}</a>`;
  });
  close();
}

/* Seconds to think, on a question's slide: a click or the key T starts and stops them. */
const THINK = 30;
function countdown(slide) {
  const button = document.createElement("button");
  button.className = "countdown";
  let left = THINK, ticking = 0;
  const show = () => {
    button.textContent = left ? `${left} s` : "time";
    button.setAttribute("aria-label", ticking ? `${left} seconds left: stop` : `Countdown of ${THINK} seconds: start`);
    button.classList.toggle("ticking", !!ticking || !left);
  };
  const stop = () => { clearInterval(ticking); ticking = 0; };
  button.addEventListener("click", (event) => {
    const wasAtWork = ticking || !left;
    stop();
    left = THINK;
    if (!wasAtWork) ticking = setInterval(() => { left -= 1; if (!left) stop(); show(); }, 1000);
    show();
    if (event.detail) button.blur();
  });
  show();
  slide.append(button);
}

function toggleCountdown() {
  Reveal.getCurrentSlide().querySelector(".countdown")?.click();
}

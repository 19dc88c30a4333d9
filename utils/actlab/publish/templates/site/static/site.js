/* What the theme leaves out for readers with a keyboard or a screen reader. */
function name() {
  document.querySelectorAll(".caption[role=heading]").forEach((caption) => caption.setAttribute("aria-level", "2"));
  const boxes = document.querySelectorAll("pre, .output, .table-wrapper, .math, .actlab-picture, .actlab-explorer > div");
  for (const box of boxes) {
    if (box.scrollWidth <= box.clientWidth || getComputedStyle(box).overflowX === "visible") continue;
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Scrolls sideways");
  }
}
addEventListener("resize", name);
addEventListener("load", () => {
  name();
  window.MathJax?.startup?.promise?.then(name);
});

/* The gallery: each line names this place, and can be copied. */
addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".embedded")) {
    const [line, button, status] = ["input", "button", "[role=status]"].map((part) => box.querySelector(part));
    line.value = line.value.replace('src="', `src="${new URL(".", location)}`);
    button.hidden = false;
    button.onclick = () => {
      line.select();
      status.textContent = document.execCommand("copy") ? "Copied." : "Press Ctrl+C to copy it.";
    };
  }
});

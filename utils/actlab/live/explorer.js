/* Moves the marks of one explorer.  root: its element.  data: what Explorer packed.  kernel: brings frames that are not listed. */
function mount(root, data, kernel) {
  const panels = [...root.querySelectorAll(".actlab-panels > div")].map((box) => ({ box, marks: box.querySelector("svg") }));
  const picture = panels[0].marks;
  const laid = [];
  const status = root.querySelector("[role=status]");
  const missing = new Set();

  const show = (k, text) => {
    const [svg, sentence] = text.split("\x02");
    svg.split("\x03").forEach((part, p) => (panels[p].marks.querySelector(`g[data-layer="${k}"]`).innerHTML = part));
    root.querySelector(`span[data-layer="${k}"]`).textContent = sentence;
    const sentences = [...root.querySelectorAll("span[data-layer]")].map((s) => s.textContent);
    const spoken = [...new Set(sentences)].filter(Boolean);
    picture.setAttribute("aria-label", [data.title + ":", ...spoken].join(" "));
  };
  const place = (k) => {
    const { sliders, templates, rows } = data.layers[k];
    const at = sliders.map((i) => controls[i].at());
    const row = sliders.reduce((sum, i, j) => sum * data.sliders[i].values.length + at[j], 0);
    const text = rows ? unpack(templates, rows[row]) : kernel.kept(k, at);
    text === undefined ? missing.add(k) : missing.delete(k);
    if (text !== undefined) show(k, text);
  };
  const moved = (i) => {
    data.layers.forEach((layer, k) => layer.sliders.includes(i) && place(k));
    kernel?.moved(i);
  };
  const behind = (i) => [...missing].some((k) => data.layers[k].sliders.includes(i));

  /* A control tells where it stands, goes elsewhere, and calls `touched` when somebody's hand moved it. */
  const slider = (input, i) => {
    const label = () => {
      const text = data.sliders[i].values[input.value];
      input.setAttribute("aria-valuetext", text);
      input.parentNode.querySelector("output").textContent = text;
    };
    const go = (j) => {
      input.value = j;
      label();
      moved(i);
    };
    const control = { at: () => +input.value, go, last: +input.max, focus: input, touched() {} };
    input.onpointerdown = () => control.touched();
    input.oninput = () => {
      control.touched();
      go(input.value);
    };
    label();
    return control;
  };
  const choice = (inputs, i) => {
    const at = () => inputs.findIndex((input) => input.checked);
    const group = `actlab-${Math.random()}`;
    const go = (j) => {
      inputs[j].checked = true;
      moved(i);
    };
    inputs.forEach((input) => {
      input.name = group;
      input.oninput = () => moved(i);
    });
    return { at, go, last: inputs.length - 1, get focus() { return inputs[at()]; }, touched() {} };
  };

  /* The button beside a slider: run to the end; one step a press for readers who asked for less motion. */
  const playable = (button, control, i) => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const what = button.getAttribute("aria-label").split(": ").slice(1).join(": ");
    const pace = Math.min(700, Math.max(120, 8000 / control.last));
    let timer = null;
    const dress = () => {
      const [name, shape] = timer
        ? ["Pause", "M3 1h4v14h-4zM9 1h4v14h-4z"]
        : calm.matches ? ["One step", "M2 1l8 7-8 7zM11 1h3v14h-3z"] : ["Play", "M3 1l11 7-11 7z"];
      button.setAttribute("aria-label", (button.title = `${name}: ${what}`));
      button.querySelector("path").setAttribute("d", shape);
      status.setAttribute("aria-live", timer ? "off" : "polite");
    };
    const stop = () => {
      clearTimeout(timer);
      timer = null;
      dress();
    };
    const step = () => {
      if (!root.isConnected) return stop();
      timer = setTimeout(step, pace);
      if (behind(i)) return;
      /* Stopped before the last picture comes, so that a screen reader hears its sentence. */
      if (control.at() + 1 >= control.last) stop();
      control.go(Math.min(control.at() + 1, control.last));
    };
    button.onclick = () => {
      if (timer) return stop();
      const ended = control.at() === control.last;
      if (calm.matches) return control.go(ended ? 0 : control.at() + 1), dress();
      if (ended) control.go(0);
      timer = setTimeout(step, ended ? pace : 0);
      dress();
    };
    control.touched = () => timer && stop();
    dress();
  };

  /* A part of the picture that can be held: dragged there, a slider goes to its position nearest to the pointer. */
  const holdable = ({ panel: p, box: [left, top, width, height], x, y }) => {
    const handle = document.createElement("div");
    const cursor = x.length && y.length ? "move" : x.length ? "ew-resize" : "ns-resize";
    handle.style.cssText = `position:absolute;cursor:${cursor};touch-action:${y.length ? "none" : "pan-y"};user-select:none;-webkit-user-select:none`;
    handle.setAttribute("data-prevent-swipe", "");
    handle.setAttribute("data-grab", [...x, ...y].map(([i]) => i).join(" "));
    let held = [];

    const distances = ([i, at], share) => at.map((a) => Math.abs(a - share));
    const shares = (event) => {
      const box = handle.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    const follow = (event) => {
      const share = shares(event);
      for (const { grab, side } of held) {
        const far = distances(grab, share[side]);
        const j = far.indexOf(Math.min(...far));
        const control = controls[grab[0]];
        if (j !== control.at()) control.go(j);
      }
    };
    handle.onpointerdown = (event) => {
      if (event.button || !event.isPrimary) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const share = shares(event);
      /* Where several sliders follow one direction, the hand takes the one that stands nearest. */
      held = [x, y].flatMap((grabs, side) => {
        const here = grabs.map((grab) => distances(grab, share[side])[controls[grab[0]].at()]);
        const grab = grabs[here.indexOf(Math.min(...here))];
        return grab ? [{ grab, side, from: controls[grab[0]].at() }] : [];
      });
      held.forEach(({ grab }) => controls[grab[0]].touched());
      controls[held[0].grab[0]].focus.focus({ preventScroll: true });
      /* A finger may be about to scroll the page: what it touches moves once it moves or lifts. */
      if (event.pointerType !== "touch") follow(event);
    };
    handle.onpointermove = follow;
    handle.onpointerup = (event) => {
      follow(event);
      held = [];
    };
    handle.onpointercancel = () => {
      held.forEach(({ grab, from }) => controls[grab[0]].go(from));
      held = [];
    };
    laid.push(([squeeze, , , , shift, drop]) => {
      const view = panels[p].marks.viewBox.baseVal;
      Object.assign(handle.style, {
        left: `${(100 * (squeeze * left + shift - view.x)) / view.width}%`,
        width: `${(100 * squeeze * width) / view.width}%`,
        top: `${(100 * (top + drop)) / view.height}%`,
        height: `${(100 * height) / view.height}%`,
      });
    });
    panels[p].box.append(handle);
  };

  /* A phone shows a narrower drawing of one wide panel.  Its marks are squeezed, but not their strokes and words. */
  const squeezable = ({ media, source, view, matrix }) => {
    const image = panels[0].box.querySelector("img");
    const wide = [image.getAttribute("src"), picture.getAttribute("viewBox"), [1, 0, 0, 1, 0, 0]];
    const query = matchMedia(media);
    const fit = () => {
      const [drawing, seen, place] = query.matches ? [source, view, matrix] : wide;
      image.setAttribute("src", drawing);
      picture.setAttribute("viewBox", seen);
      picture.classList.toggle("actlab-squeezed", query.matches);
      picture.style.setProperty("--squeeze", `matrix(${place})`);
      picture.style.setProperty("--stretch", 1 / place[0]);
      laid.forEach((lay) => lay(place));
    };
    picture.insertAdjacentHTML("beforebegin", `<style>
      .actlab-squeezed > g { transform: var(--squeeze) }
      .actlab-squeezed path { vector-effect: non-scaling-stroke }
      .actlab-squeezed text { transform-box: fill-box; transform-origin: center; transform: scaleX(var(--stretch)) }
      .actlab-squeezed [text-anchor=start] { transform-origin: left }
      .actlab-squeezed [text-anchor=end] { transform-origin: right }
    </style>`);
    query.addEventListener("change", fit);
    fit();
  };

  // Notebook 7 takes keys on their way down, before a slider has them; this attribute keeps them, but not Ctrl+S.
  window.actlabKeys ??= !window.addEventListener("keydown", ({ target, ctrlKey, metaKey }) =>
    target.closest?.("[data-slider]") && target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey)), true);

  const controls = [...root.querySelectorAll("[data-slider]")].map((element, i) => {
    const inputs = [...element.querySelectorAll("input")];
    const button = element.querySelector("button");
    const control = inputs[0].type === "range" ? slider(inputs[0], i) : choice(inputs, i);
    for (const part of [...inputs, button].filter(Boolean)) {
      part.disabled = false;
      part.onkeydown = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
    }
    if (button) playable(button, control, i);
    return control;
  });
  data.grabs.forEach(holdable);
  laid.forEach((lay) => lay([1, 0, 0, 1, 0, 0]));
  if (data.phone) squeezable(data.phone);
  root.querySelectorAll("[data-asleep]").forEach((element) => element.remove());

  return { controls, missing, place, show };
}

/* The twin of `unpack` in packing.py. */
function unpack(templates, row) {
  const [index, ...numbers] = row.split(" ");
  return templates[index].replace(/\x01/g, () => numbers.shift());
}

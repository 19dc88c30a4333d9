/* The kernel behind a picture.  No output shows this widget, so no saved notebook asks for it: it takes the place of the
   self-contained page that names it, for as long as the kernel lives. */
const shown = (model) => {
  const holder = document.createElement("div");
  holder.innerHTML = model.get("_html");
  const root = holder.firstElementChild, data = JSON.parse(model.get("_data"));
  if (data) asking(root, data, model);
  return root;
};

/* Asks the kernel for frames, in one message at a time: those that the hand waits for, and some that it may reach next.
   What came is kept until another cell has run, or until there is no more room for it. */
const asking = (root, data, model) => {
  const ROOM = 4e6, BATCH = 16, REST = 100;
  const WAITS = "The picture waits for the kernel, which is busy. If it has stopped, run this cell again.";
  const own = Math.random();
  const frames = new Map();
  let size = 0, largest = 1, near = 0, way = 1, waits = null, refused = false, rests = true, still, late;
  const note = document.createElement("small");
  note.setAttribute("aria-live", "polite");
  root.append(note);

  const keep = ([k, at], text) => {
    frames.set(`${k} ${at}`, text);
    size += text.length;
    largest = Math.max(largest, text.length);
  };
  const kept = (k, at) => frames.get(`${k} ${at}`);
  const tidy = () => {
    for (const [oldest, { length }] of frames) {
      if (size <= ROOM) break;
      frames.delete(oldest);
      size -= length;
    }
  };
  const now = () => view.controls.map((control) => control.at());
  /* [[a layer, the positions of its sliders], ...] of those layers that are not listed and are chosen. */
  const asked = (chosen, places) =>
    [...data.layers.entries()]
      .filter(([k, layer]) => !layer.rows && chosen(k, layer))
      .map(([k, layer]) => [k, layer.sliders.map((i) => places[i])]);
  /* Where one slider can go, and here: first the slider that the hand is at, on its way and then back; the others once
     the hand rests, for they go elsewhere from each place that it passes. */
  const around = () => {
    const row = (i) => {
      const here = places[i];
      const turns = (j) => (j - here) * way < 0;
      return [...data.sliders[i].values.keys()]
        .filter((j) => i === near || j !== here)
        .sort((a, b) => turns(a) - turns(b) || Math.abs(a - here) - Math.abs(b - here));
    };
    const follows = (i) => (_, layer) => layer.sliders.includes(i);
    return [...new Set(rests ? [near, ...places.keys()] : [near])].flatMap((i) =>
      row(i).flatMap((j) => asked(follows(i), places.map((at, k) => (k === i ? j : at)))));
  };
  /* Says so where the kernel leaves a picture waiting for a second. */
  const watch = () => {
    clearTimeout(late);
    note.textContent = "";
    late = view.missing.size && setTimeout(() => (note.textContent = WAITS), 1000);
  };
  const ask = () => {
    if (waits || refused) return;
    const wanted = asked((k) => view.missing.has(k), places);
    const lacks = ([k, at]) => kept(k, at) === undefined && !wanted.some((frame) => `${frame}` === `${[k, at]}`);
    const ahead = around().slice(0, ROOM / largest).filter(lacks).slice(0, BATCH);
    if (!wanted.length && !ahead.length) return;
    waits = { wanted, ahead, places };
    model.send({ own, wanted, ahead });
  };
  const moved = (i) => {
    const before = places[i];
    places = now();
    [near, way, refused, rests] = [i, Math.sign(places[i] - before) || way, false, false];
    clearTimeout(still);
    still = setTimeout(() => {
      rests = true;
      ask();
    }, REST);
    if (!late || !view.missing.size) watch();
    ask();
  };
  const view = mount(root, data, { kept, moved });
  let places = now();

  model.on("msg:custom", ({ forget, own: whose, templates, rows }) => {
    if (forget) [size] = [0, frames.clear()];
    if (whose !== own) return;
    const came = [...waits.wanted, ...waits.ahead].slice(0, rows.length);
    came.forEach((frame, n) => keep(frame, unpack(templates, rows[n])));
    view.missing.forEach(view.place);
    /* Where the hand has gone on, what it waited for is shown all the same, so that the picture moves. */
    came.slice(0, waits.wanted.length).forEach(([k, at]) => view.missing.has(k) && view.show(k, kept(k, at)));
    tidy();
    /* Nothing came, so nothing is asked again until the hand moves, unless it has moved meanwhile. */
    [waits, refused] = [null, !rows.length && waits.places === places];
    watch();
    ask();
  });
  for (const coming of ["pointerover", "focusin"])
    root.addEventListener(coming, ({ target }) => {
      const slider = target.closest("[data-slider]");
      if (slider) near = [...root.querySelectorAll("[data-slider]")].indexOf(slider);
      ask();
    });
};

export default {
  initialize({ model }) {
    const pages = new Map();
    const replace = (page) => {
      if (page.dataset.live !== model.get("_key")) return;
      const root = shown(model);
      pages.set(root, page);
      page.replaceWith(root);
    };
    const giveBack = () => {
      pages.forEach((page, root) => root.replaceWith(page));
      pages.clear();
    };
    const woken = (event) => replace(event.target);
    document.addEventListener("actlab-woken", woken);
    document.querySelectorAll("[data-live]").forEach(replace);
    model.on("comm_live_update", giveBack);
    return () => {
      document.removeEventListener("actlab-woken", woken);
      giveBack();
    };
  },
  render({ model, el }) {
    el.append(shown(model));
  },
};

/* Moves the marks of one explorer.  root: its element.  data: what Explorer packed.  ask: fetches a frame from the kernel. */
function mount(root, data, ask) {
  const inputs = [...root.querySelectorAll("input[type=range]")];
  const picture = root.querySelector("svg[role=img]");
  const waiting = new Map();

  const unpack = (layer, row) => {
    const [index, ...numbers] = row.split(" ");
    return layer.templates[index].replace(/\x01/g, () => numbers.shift());
  };
  const show = (k, text) => {
    const [svg, sentence] = text.split("\x02");
    root.querySelector(`g[data-layer="${k}"]`).innerHTML = svg;
    root.querySelector(`span[data-layer="${k}"]`).textContent = sentence;
    const sentences = [...root.querySelectorAll("span[data-layer]")].map((s) => s.textContent);
    const spoken = [...new Set(sentences)].filter(Boolean);
    picture.setAttribute("aria-label", [data.title + ":", ...spoken].join(" "));
  };
  const request = (k, at) => {
    const busy = waiting.has(k);
    waiting.set(k, at);
    if (!busy) ask(k, at);
  };
  const place = (k) => {
    const layer = data.layers[k];
    const at = layer.sliders.map((i) => +inputs[i].value);
    if (!layer.rows) return request(k, at);
    const row = layer.sliders.reduce((sum, i, j) => sum * data.sliders[i].values.length + at[j], 0);
    show(k, unpack(layer, layer.rows[row]));
  };

  inputs.forEach((input, i) => {
    const label = () => {
      const text = data.sliders[i].values[input.value];
      input.setAttribute("aria-valuetext", text);
      input.parentNode.querySelector("output").textContent = text;
    };
    input.disabled = false;
    input.oninput = () => {
      label();
      data.layers.forEach((layer, k) => layer.sliders.includes(i) && place(k));
    };
    input.onkeydown = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
    label();
  });
  root.querySelectorAll("[data-asleep]").forEach((element) => element.remove());

  return function arrived(k, at, text) {
    const wanted = waiting.get(k);
    waiting.delete(k);
    show(k, text);
    if (wanted.join() !== at.join()) request(k, wanted);
  };
}

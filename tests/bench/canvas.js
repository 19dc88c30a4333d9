/* The floor: strokes prepared paths over a copied background.  No kernel, and nothing of the page changes but pixels. */
(() => {
  const root = document.currentScript.parentNode;
  const [canvas, image, told] = ["canvas", "img", "p"].map((name) => root.querySelector(name));
  const inputs = [...root.querySelectorAll("input")];
  const pen = canvas.getContext("2d");
  image.style.display = "none";

  const prepared = (element) => {
    const get = (name, otherwise) => element.getAttribute(name) ?? otherwise;
    const of = (name) => +get(name, 0);
    const path = new Path2D(element.tagName === "path" ? get("d") : undefined);
    if (element.tagName !== "path") path.rect(of("x"), of("y"), of("width"), of("height"));
    const parts = element.tagName === "svg" ? [...element.children].map(prepared) : [];
    return () => {
      pen.save();
      pen.globalAlpha = +get("opacity", 1);
      pen.fillStyle = get("fill", "black");
      if (element.tagName === "svg") {
        pen.clip(path);
        parts.forEach((draw) => draw());
      } else if (element.tagName === "text") {
        pen.font = element.style.font;
        pen.textAlign = { start: "left", middle: "center", end: "right" }[get("text-anchor")];
        pen.fillText(element.textContent, of("x"), of("y"));
      } else {
        if (get("fill") !== "none" && !get("stroke")) pen.fill(path, get("fill-rule", "nonzero"));
        pen.strokeStyle = get("stroke", "transparent");
        pen.lineWidth = of("stroke-width");
        pen.lineCap = get("stroke-linecap", "butt");
        pen.setLineDash(get("stroke-dasharray", "").split(" ").filter(Boolean).map(Number));
        if (get("stroke")) pen.stroke(path);
      }
      pen.restore();
    };
  };
  const layers = JSON.parse(root.querySelector("script").textContent).map(({ sliders, frames }) => ({
    sliders,
    frames: frames.map(([svg, sentence]) => {
      const holder = document.createElementNS("http://www.w3.org/2000/svg", "g");
      holder.innerHTML = svg;
      return [[...holder.children].map(prepared), sentence];
    }),
  }));
  const draw = () => {
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const sentences = layers.map(({ sliders, frames }) => {
      const row = sliders.reduce((sum, i) => sum * (+inputs[i].max + 1) + +inputs[i].value, 0);
      frames[row][0].forEach((stroke) => stroke());
      return frames[row][1];
    });
    told.textContent = sentences.reverse().join(" ");
  };
  inputs.forEach((input) => {
    input.oninput = draw;
    input.onkeydown = (event) => event.stopPropagation();
  });
  image.decode().then(draw);
})();

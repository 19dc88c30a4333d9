export default {
  render({ model, el }) {
    el.innerHTML = model.get("_html");
    const ask = (layer, at) => model.send({ layer, at });
    const arrived = mount(el.firstElementChild, JSON.parse(model.get("_data")), ask);
    const listen = (frame) => arrived(frame.layer, frame.at, frame.text);
    model.on("msg:custom", listen);
    return () => model.off("msg:custom", listen);
  },
};

/* The kernel behind a picture.  No output shows this widget, so no saved notebook asks for it: it takes the place of the
   self-contained page that names it, for as long as the kernel lives. */
const shown = (model) => {
  const holder = document.createElement("div");
  holder.innerHTML = model.get("_html");
  const root = holder.firstElementChild, data = JSON.parse(model.get("_data"));
  if (!data) return root;
  const arrived = mount(root, data, (layer, at) => model.send({ layer, at }));
  model.on("msg:custom", (frame) => arrived(frame.layer, frame.at, frame.text));
  return root;
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

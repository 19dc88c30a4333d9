/* Hall and speaker view stand alike: what moves or opens in one of them does so in the other.  The hall opened the speaker
   view, a window with this deck in two frames: the first, of the current slide, speaks for the lecturer, and the second
   listens.  They know each other by their places, since a page opened from a file has no origin. */
(() => {
  const framed = /receiver/i.test(location.search) && parent !== window;
  let controls = [], known = [], speaker = null;

  const radios = (control) => [...control.querySelectorAll("[type=radio]")];
  const at = (control) => {
    if (control.matches("details")) return +control.open;
    if (control.matches(".countdown")) return +control.classList.contains("ticking");
    const range = control.querySelector("[type=range]");
    return range ? +range.value : radios(control).findIndex((radio) => radio.checked);
  };
  const put = (control, place) => {
    if (control.matches("details")) return void (control.open = place);
    if (control.matches(".countdown")) return void (at(control) !== place && control.click());
    const range = control.querySelector("[type=range]"), input = range ?? radios(control)[place];
    if (range) range.value = place;
    else input.checked = true;
    input.dispatchEvent(new Event("input"));
  };

  const everything = () => known.map((place, i) => [i, place]);
  const tell = (changes, but) => {
    if (framed) return parent.opener?.postMessage({ actlab: changes }, "*");
    for (let i = 0; i < (speaker?.length ?? 0); i++) if (speaker[i] !== but) speaker[i].postMessage({ actlab: changes }, "*");
  };

  /* Nothing is told twice: a change that came from elsewhere is known before anybody looks. */
  const look = () => {
    const now = controls.map(at), changes = everything().flatMap(([i, place]) => (now[i] === place ? [] : [[i, now[i]]]));
    known = now;
    if (changes.length && (!framed || parent[0] === window)) tell(changes);
  };
  const hear = (changes) => {
    const news = changes.filter(([i, place]) => controls[i] && at(controls[i]) !== place);
    news.forEach(([i, place]) => put(controls[i], place));
    known = controls.map(at);
  };

  addEventListener("message", ({ source, data }) => {
    if (!controls.length) return;
    if (framed) return void (source === parent.opener && data?.actlab && hear(data.actlab));
    const view = source?.opener === window ? source : source?.parent;
    if (view?.opener !== window) return;
    const changes = data?.actlab;
    if (changes?.length) {
      hear(changes);
      tell(changes, source);
    }
    /* A frame that has just begun tells an empty list.  The view itself gives reveal.js a sign of life every second: a hall that
       was reloaded finds it again by that. */
    if (view === speaker && changes?.length !== 0) return;
    speaker = view;
    tell(everything());
  });

  Reveal.on("ready", () => {
    controls = [...document.querySelectorAll(".slides :is(.actlab-explorer [data-slider], details, .countdown)")];
    known = controls.map(at);
    new MutationObserver(look).observe(document.querySelector(".slides"), {
      subtree: true, childList: true, attributes: true, attributeFilter: ["aria-valuetext", "class", "open"],
    });
    if (framed) tell([]);
  });
})();

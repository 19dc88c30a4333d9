"""A published page in Chromium with the network off, and what it did there that it should not have done."""

import re
from contextlib import contextmanager
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe

WORST = {"serious", "critical"}
PARTS = ["mjx-container", ".actlab-explorer svg", ".highlight"]
"""Thousands of elements of a few kinds: looked at on one page each, or by `picture_faults`."""

EXPLORERS = ".actlab-explorer:has(input)"

UNFOLD = "root => { for (let up = root; (up = up.parentElement?.closest('details')); ) up.open = true; }"

STATE = """input => {
    const root = input.closest(".actlab-explorer");
    const marks = [...root.querySelectorAll(".actlab-panels svg")].map((svg) => svg.innerHTML).join("");
    const chosen = [...(input.closest("fieldset") ?? root).querySelectorAll("input")].findIndex((one) => one.checked);
    const stands = input.type === "radio" ? chosen : input.getAttribute("aria-valuetext");
    return [marks, root.querySelector("[role=status]").textContent, stands];
}"""


@dataclass
class Seen:
    """What went wrong on a page so far: requests that left its folder, failed ones, errors it wrote to the console."""

    page: object
    faults: list = field(default_factory=list)


@contextmanager
def opened(browser, address, width=1280, height=720, folder="", **context):
    """A page with the network off; a request that leaves its folder or fails, or a complaint, is kept in `faults`.

    folder: where the page's own folder lies, if it may ask for files around it.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, **context)
    context.set_offline(True)
    page = context.new_page()
    seen = Seen(page)
    inside = ((folder or address.rpartition("/")[0]) + "/", "data:", "blob:")
    page.on("request", lambda r: r.url.startswith(inside) or seen.faults.append(r.url))
    page.on("requestfailed", lambda r: seen.faults.append(f"failed: {r.url[:200]}"))
    page.on("console", lambda m: m.type in ("error", "warning") and seen.faults.append(m.text))
    page.on("pageerror", lambda error: seen.faults.append(str(error)))
    page.goto(address)
    yield seen
    context.close()


def move(page, explorer):
    """Press an arrow key on every slider and choice of an explorer, back from a slider's end if it stands there.

    Return what did not follow: a control's value, or the picture, if no control moved it.
    """
    stuck, moved = [], False
    explorer.evaluate(UNFOLD)
    for control in explorer.locator("input[type=range], input[type=radio]:checked").element_handles():
        before = control.evaluate(STATE)
        key = "ArrowLeft" if control.evaluate("input => input.value === input.max") else "ArrowRight"
        control.focus()
        page.keyboard.press(key)
        after = control.evaluate(STATE)
        moved = moved or (before[0] != after[0] and before[1] != after[1])
        if before[2] == after[2]:
            stuck.append(control.evaluate("input => input.closest('label').textContent"))
    return stuck if moved else [*stuck, "the picture"]


def ground(page):
    """The colour behind a page, as #RRGGBB."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "#" + "".join(f"{int(part):02X}" for part in re.findall(r"\d+", colour))


EMPTIED = """parts => {
    window.emptied = parts.flatMap((part) => [...document.querySelectorAll(part)]).map((e) => [e, [...e.childNodes]]);
    window.emptied.forEach(([e]) => e.replaceChildren());
}"""

FILLED = "() => window.emptied.reverse().forEach(([e, inside]) => e.replaceChildren(...inside))"


def violations(page, without=PARTS):
    """What axe-core finds serious or worse: a line each.  without: CSS selectors of what it leaves out.

    That is taken out of the page meanwhile: to find out what lies behind a word takes axe seconds of all there is.
    """
    context = {"exclude": [[part] for part in without]}
    page.evaluate(EMPTIED, list(without))
    found = Axe().run(page, context=context, options={"preload": False, "resultTypes": ["violations"]})
    page.evaluate(FILLED)
    return [
        f"{v['id']} ({v['impact']}): {v['help']}: {v['nodes'][0]['html'][:200]} and {len(v['nodes']) - 1} more"
        for v in found.response["violations"]
        if v["impact"] in WORST
    ]

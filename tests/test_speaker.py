"""The speaker view and the hall: what a lecturer moves or opens at the desk, the hall sees, and the other way round."""

import functools
import shutil
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bench.stage import reload

from actlab.publish import slides

COURSE = Path(__file__).parents[1]
LESSON = "02_sigmoid_tanh"
READY = "window.Reveal?.isReady() && document.querySelectorAll('.prediction').length"

SLIDE_OF = """([kind, number]) => {
    const { h, v } = Reveal.getIndices(document.querySelectorAll(kind)[number].closest(".slides > section > section"));
    Reveal.slide(h, v, 99);
}"""

STANDS = """number => {
    const explorer = document.querySelectorAll(".actlab-explorer")[number];
    const controls = [...explorer.querySelectorAll("input")].map((one) => one.value + one.checked);
    const marks = [...explorer.querySelectorAll(".actlab-panels path")].map((path) => path.getAttribute("d"));
    return JSON.stringify([controls, explorer.querySelector("[role=status]").textContent, marks]);
}"""

FIRST = "part => [...document.querySelectorAll('.actlab-explorer')].findIndex((one) => one.querySelector(part))"

OPEN = "() => [...document.querySelectorAll('.prediction details')].flatMap((option, i) => option.open ? [i] : [])"

PLACE = "() => JSON.stringify([Reveal.getIndices().h, Reveal.getIndices().v])"


class Quiet(SimpleHTTPRequestHandler):
    """A web server that does not write down who came."""

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The deck of one lesson, in a folder of its own."""
    root = tmp_path_factory.mktemp("course")
    for name in (f"solutions/{LESSON}.ipynb", f"docs/teaching/{LESSON[:2]}.md"):
        (root / name).parent.mkdir(parents=True)
        shutil.copy(COURSE / name, root / name)
    slides.build(root, root / "decks")
    return root / "decks"


class Lecture:
    """A deck in the hall, and its speaker view.  desk: the current slide there.  coming: the next one."""

    def __init__(self, context, address):
        self.faults = []
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.hall = context.new_page()
        self.hall.goto(address)
        self.hall.wait_for_function(READY)
        self.start = self.hall.evaluate(STANDS, 0)
        self.open()

    def open(self):
        """Open the speaker view."""
        with self.hall.expect_popup() as popup:
            self.hall.keyboard.press("s")
        self.view = popup.value
        frames = [self.view.wait_for_selector(f"#{place}-slide iframe") for place in ("current", "upcoming")]
        self.desk, self.coming = [frame.content_frame() for frame in frames]
        for frame in (self.desk, self.coming):
            frame.wait_for_function(READY)

    def on(self, kind, number):
        """Show the slide of a thing in the hall, wait for the desk."""
        self.hall.evaluate(SLIDE_OF, [kind, number])
        self.desk.wait_for_function(f"place => ({PLACE})() === place", arg=self.hall.evaluate(PLACE))


@pytest.fixture(scope="module", params=["file", "http"])
def lecture(request, chromium, folder):
    """A lecture from a memory stick, and from a web server."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    with served(folder) as address:
        base = folder.as_uri() if request.param == "file" else address
        lecture = Lecture(context, f"{base}/{LESSON}.html")
        yield lecture
        assert lecture.faults == []
        context.close()


def agree(number, place, *others):
    """Wait until other windows show an explorer as this one does."""
    for other in others:
        other.wait_for_function(
            f"([number, wanted]) => ({STANDS})(number) === wanted", arg=[number, place.evaluate(STANDS, number)]
        )


def pressed(page, place, number, key):
    """Press a key on the first slider of an explorer, which moves it."""
    before = place.evaluate(STANDS, number)
    place.locator(".actlab-explorer").nth(number).locator("[type=range]").first.focus()
    page.keyboard.press(key)
    assert place.evaluate(STANDS, number) != before


def test_a_slider_moved_at_the_desk_moves_in_the_hall_and_back(lecture):
    lecture.on(".actlab-explorer", 0)
    pressed(lecture.view, lecture.desk, 0, "ArrowRight")
    agree(0, lecture.desk, lecture.hall, lecture.coming)
    pressed(lecture.hall, lecture.hall, 0, "End")
    agree(0, lecture.hall, lecture.desk, lecture.coming)


def test_a_choice_a_drag_and_what_plays_are_seen_as_well(lecture):
    hall, desk = lecture.hall, lecture.desk
    choosing = hall.evaluate(FIRST, "fieldset")
    lecture.on(".actlab-explorer", choosing)
    before = desk.evaluate(STANDS, choosing)
    desk.locator(".actlab-explorer").nth(choosing).locator("[type=radio]:not(:checked)").first.check()
    assert desk.evaluate(STANDS, choosing) != before
    agree(choosing, desk, hall)

    played = hall.evaluate(FIRST, "button")
    lecture.on(".actlab-explorer", played)
    before, play = hall.evaluate(STANDS, played), desk.locator(".actlab-explorer").nth(played).locator("button").first
    play.click()
    hall.wait_for_function(f"([number, before]) => ({STANDS})(number) !== before", arg=[played, before])
    play.click()
    agree(played, desk, hall)

    held = hall.evaluate(FIRST, "[data-grab]")
    lecture.on(".actlab-explorer", held)
    before = desk.evaluate(STANDS, held)
    desk.locator(".actlab-explorer").nth(held).locator("[data-grab]").first.click(position={"x": 30, "y": 30})
    assert desk.evaluate(STANDS, held) != before
    agree(held, desk, hall)


def test_a_reply_opens_on_both_screens_and_never_by_what_comes_next(lecture):
    hall, desk, coming = lecture.hall, lecture.desk, lecture.coming
    lecture.on(".prediction", 0)
    desk.locator(".prediction").first.locator("summary").nth(1).click()
    hall.wait_for_function(f"() => ({OPEN})().join() === '1'")
    hall.locator(".prediction").first.locator("summary").nth(2).click()
    desk.wait_for_function(f"() => ({OPEN})().join() === '2'")
    coming.evaluate("document.querySelectorAll('.prediction')[1].querySelector('details').open = true")
    hall.locator(".prediction").first.locator("summary").nth(2).click()
    desk.wait_for_function(f"() => !({OPEN})().length")
    assert hall.evaluate(OPEN) == []


def test_what_is_set_stays_set_while_other_slides_are_shown(lecture):
    hall, desk = lecture.hall, lecture.desk
    lecture.on(".actlab-explorer", 0)
    pressed(lecture.view, desk, 0, "Home")
    agree(0, desk, hall)
    stands = hall.evaluate(STANDS, 0)
    lecture.on(".prediction", 0)
    lecture.on(".actlab-explorer", 1)
    pressed(hall, hall, 1, "End")
    agree(1, hall, desk)
    assert hall.evaluate(STANDS, 0) == desk.evaluate(STANDS, 0) == stands


def test_each_move_is_told_once_and_the_keyboard_stays_where_it_was(lecture):
    hall, desk, coming = lecture.hall, lecture.desk, lecture.coming
    lecture.on(".actlab-explorer", 0)
    hall.evaluate("document.activeElement.blur()")
    for window in (hall, desk, coming):
        window.evaluate(
            "addEventListener('message', (event) => event.data.actlab && (window.told = (window.told ?? 0) + 1))"
        )
    place = hall.evaluate(PLACE)
    for _ in range(3):
        pressed(lecture.view, desk, 0, "ArrowRight")
    agree(0, desk, hall, coming)
    pressed(hall, hall, 0, "ArrowRight")
    agree(0, hall, desk, coming)
    assert [window.evaluate("window.told") for window in (hall, desk, coming)] == [3, 1, 4]
    assert desk.evaluate("document.activeElement.type") == "range"
    assert hall.evaluate(PLACE) == desk.evaluate(PLACE) == place


def test_a_view_that_opens_late_and_a_hall_that_is_reloaded_find_each_other(lecture):
    hall = lecture.hall
    lecture.view.close()
    hall.evaluate(SLIDE_OF, [".actlab-explorer", 0])
    pressed(hall, hall, 0, "End")
    lecture.open()
    agree(0, hall, lecture.desk, lecture.coming)
    reload(hall)
    hall.wait_for_function(READY)
    assert hall.evaluate(STANDS, 0) == lecture.start
    agree(0, hall, lecture.desk, lecture.coming)
    pressed(lecture.view, lecture.desk, 0, "ArrowLeft")
    agree(0, lecture.desk, hall, lecture.coming)

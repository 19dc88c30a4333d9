"""The website: read on a phone or a desktop, from a server or from a file, with every slider alive and no network."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from accessible import picture_faults
from offline import EXPLORERS, PARTS, UNFOLD, ground, move, opened, violations

from actlab import look
from actlab.course import LESSONS as ALL
from actlab.errors import CourseError
from actlab.exercises import EXERCISES
from actlab.publish import executed, plans, site
from actlab.publish.source import read_source

COURSE = Path(__file__).parents[1]
LESSONS = [path.stem for path in executed.lessons(COURSE)]
PLANS = [f"teaching/{number}" for number in plans.read(COURSE)]
TEXTS = [*site.GUIDES, *PLANS]
ASKED = {one.stem: one.exercises for one in ALL}
PAGES = ["index", *LESSONS, *TEXTS]
WIDTHS = (390, 1280, 1920)

OVERFLOW = """() => [document.documentElement.scrollWidth - innerWidth,
    [...document.querySelectorAll(".content img, .content svg[role=img], .content input, .content label, .content p")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
        .filter((e) => !e.closest("[role=region], .table-wrapper, .output, pre"))
        .map((e) => e.outerHTML.slice(0, 90))]"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The site's folder, and what building it returned."""
    folder = tmp_path_factory.mktemp("a web server") / "any" / "base path"
    return folder, site.build(COURSE, folder)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_offline_on_every_screen(chromium, course, name):
    folder, _ = course
    with opened(chromium, (folder / f"{name}.html").as_uri(), folder=folder.as_uri()) as seen:
        page = seen.page
        page.wait_for_load_state()
        page.evaluate("window.MathJax?.startup.promise")
        for explorer in page.locator(EXPLORERS).all():
            assert move(page, explorer) == []
        assert picture_faults(page.content()) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OVERFLOW) == [0, []], width
            if width == WIDTHS[0]:
                assert violations(page, without=[] if name in TEXTS else PARTS) == []
        assert seen.faults == []


@pytest.mark.parametrize("name", ["index", "07_choosing", "grading"])
def test_dark_mode_is_readable(chromium, course, name):
    folder, _ = course
    with opened(chromium, (folder / f"{name}.html").as_uri(), color_scheme="dark") as seen:
        assert ground(seen.page) == look.DARK.paper
        assert violations(seen.page, without=[] if name in TEXTS else PARTS) == []


def test_search_finds_a_word_without_a_server(chromium, course):
    folder, _ = course
    with opened(chromium, (folder / "search.html").as_uri() + "?q=PReLU") as seen:
        seen.page.get_by_text("Search finished").wait_for()
        assert seen.page.get_by_role("link", name="The ReLU family").count()
        assert violations(seen.page) == []
        assert seen.faults == []


OPENED = """() => [...document.querySelectorAll("details:has(> blockquote)")].map((option) => {
    const reply = option.querySelector("blockquote"), before = reply.checkVisibility();
    option.open = true;
    const prose = option.cloneNode(true);
    prose.querySelectorAll("code, mjx-container").forEach((part) => part.remove());
    const fits = [...option.querySelectorAll("*")].every((part) => part.getBoundingClientRect().right <= innerWidth);
    const seen = [before, reply.checkVisibility(), fits, /\\$|\\*\\*|`/.test(prose.textContent)];
    option.open = false;
    return seen;
})"""


@pytest.mark.parametrize("name", LESSONS)
def test_each_prediction_opens_to_replies_that_fit_and_are_typeset(chromium, course, name):
    folder, _ = course
    asked = read_source(COURSE / "solutions" / f"{name}.py", EXERCISES).predictions
    with opened(chromium, (folder / f"{name}.html").as_uri(), folder=folder.as_uri()) as seen:
        seen.page.evaluate("window.MathJax?.startup.promise")
        for width in WIDTHS:
            seen.page.set_viewport_size({"width": width, "height": 900})
            found = seen.page.evaluate(OPENED)
            assert found == [[False, True, True, False]] * sum(len(one.options) for _, one in asked), width


SHOWN = """root => [...root.querySelectorAll("input[type=range]")].map((range) => range.getAttribute("aria-valuetext"))
    .concat([...root.querySelectorAll("input[type=radio]")].map((radio) => radio.checked)).join()"""

PLAYED = f"before => ({SHOWN})(document.activeElement.closest('.actlab-explorer')) !== before"

CUT_OFF = """root => {
    const letters = [...root.querySelectorAll("[data-slider] :is(span, legend, output), [role=status], text")]
        .filter((e) => e.checkVisibility() && e.textContent.trim())
        .map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width);
    const own = root.getBoundingClientRect();
    const hanging = letters.filter(([e, box]) => box.left < own.left - 1 || box.right > own.right + 1
        || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible"));
    const covered = letters.filter(([e, a], k) => letters.slice(k + 1).some(([f, b]) => !e.contains(f)
        && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 4
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5));
    return [...hanging.map(([e]) => `cut off: ${e.textContent}`), ...covered.map(([e]) => `covered: ${e.textContent}`)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", LESSONS)
def test_every_explorer_is_grabbed_and_played_and_no_label_is_cut_off(chromium, course, name, width, scheme):
    folder, _ = course
    address = (folder / f"{name}.html").as_uri()
    with opened(chromium, address, width, 900, folder.as_uri(), color_scheme=scheme) as seen:
        mouse = seen.page.mouse
        for explorer in seen.page.locator(EXPLORERS).all():
            explorer.evaluate(UNFOLD)
            faults = explorer.evaluate(CUT_OFF)
            for handle in explorer.locator("[data-grab]").all():
                handle.scroll_into_view_if_needed()
                box, reached = handle.bounding_box(), []
                for x, y in ((0.1, 0.15), (0.85, 0.8)):
                    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
                    mouse.down()
                    mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
                    mouse.up()
                    faults += explorer.evaluate(CUT_OFF)
                    reached.append(explorer.evaluate(SHOWN))
                assert reached[0] != reached[1], explorer.get_attribute("aria-label")
            for play in explorer.get_by_role("button", name="Play").all():
                before = explorer.evaluate(SHOWN)
                play.click()
                seen.page.wait_for_function(PLAYED, arg=before)
            assert faults == [], explorer.get_attribute("aria-label")
        assert seen.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reply_opens_by_key_and_can_be_read(chromium, course, scheme):
    folder, _ = course
    with opened(chromium, (folder / "05_softmax.html").as_uri(), color_scheme=scheme) as seen:
        for option in seen.page.locator("details:has(> blockquote)").all():
            option.locator("summary").press("Enter")
            assert option.locator("blockquote").is_visible()
        assert violations(seen.page) == []


def test_a_section_that_may_be_left_out_opens_on_demand(tmp_path):
    (tmp_path / "static").mkdir()
    text = "# A page\n\n## Aside ☆\n\nLong.\n\n### Deeper\n\nLonger.\n\n## On ☆ we go\n\nShort.\n"
    (tmp_path / "index.md").write_text(text, encoding="utf-8")
    site.render(tmp_path, tmp_path / "out", tmp_path / "doctrees")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    (aside,) = re.findall(r"<details><summary>Optional(.*?)</details>", page, re.DOTALL)
    assert "Long." in aside and "Deeper" in aside and "Longer." in aside
    assert aside.count("<section") == aside.count("</section")
    assert "Short." not in aside


def test_answers_wait_folded_away(chromium, course):
    folder, _ = course
    with opened(chromium, (folder / "02_sigmoid_tanh.html").as_uri()) as seen:
        answer = seen.page.get_by_text("np.where(np.asarray(z) >= 0, 1.0, e)")
        assert not answer.is_visible()
        seen.page.get_by_text("Show an answer").first.click()
        assert answer.is_visible()


@pytest.mark.parametrize("name", LESSONS)
def test_without_solutions_no_answer_is_left(name):
    lesson = executed.read(COURSE / "solutions" / f"{name}.ipynb")
    learner = executed.read(COURSE / "notebooks" / f"{name}.ipynb")
    answers = [cell.source for cell in lesson.cells if executed.is_answer(cell)]
    text = json.dumps([cell.source for cell in site.page(lesson, name, learner, solutions=False).cells])
    assert bool(answers) == bool(ASKED[name])
    assert not [answer for answer in answers if json.dumps(answer)[1:-1] in text]
    assert "For the lecturer" not in text


@pytest.mark.parametrize("name", LESSONS)
def test_each_lesson_offers_its_notebook(course, name):
    folder, _ = course
    assert f'href="notebooks/{name}.ipynb"' in (folder / f"{name}.html").read_text(encoding="utf-8")
    nbformat.validate(nbformat.read(folder / "notebooks" / f"{name}.ipynb", as_version=4))


def test_the_site_is_small(chromium, course):
    folder, built = course
    assert built.size < 15e6
    with opened(chromium, "about:blank") as seen:
        loaded = []
        seen.page.on("request", lambda request: loaded.append(request.url))
        seen.page.goto((folder / "index.html").as_uri())
        seen.page.wait_for_load_state()
        files = [
            Path(url.removeprefix("file://").replace("%20", " ").split("?")[0]) for url in loaded if url[:4] == "file"
        ]
        assert sum(file.stat().st_size for file in files if file.suffix not in (".woff", ".woff2", ".ttf")) < 500e3


def test_what_sphinx_dislikes_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="nowhere"):
        (tmp_path / "index.md").write_text("# A page\n\n[a link](nowhere.md)\n")
        (tmp_path / "static").mkdir()
        site.render(tmp_path, tmp_path / "out", tmp_path / "doctrees")

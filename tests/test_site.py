"""The website: read on a phone or a desktop, from a server or from a file, with every slider alive and no network."""

import itertools
import json
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from accessible import picture_faults
from bs4 import BeautifulSoup
from offline import EXPLORERS, PARTS, UNFOLD, ground, move, opened, violations
from playwright.sync_api import expect

from actlab import look
from actlab.course import HOMEWORKS
from actlab.course import LESSONS as ALL
from actlab.errors import CourseError
from actlab.exercises import EXERCISES
from actlab.publish import embed, executed, plans, site
from actlab.publish.source import read_source

COURSE = Path(__file__).parents[1]
LESSONS = [path.stem for path in executed.lessons(COURSE)]
PLANS = [f"teaching/{number}" for number in plans.read(COURSE)]
TEXTS = ["gallery", *site.READERS, *site.LECTURERS, *PLANS]
ASKED = {one.stem: one.exercises for one in ALL}
PAGES = ["index", *LESSONS, *TEXTS]
KINDS = ["index", "search", "gallery", "grading", "teaching/05", "02_sigmoid_tanh", "08_networks_of_today"]
WIDTHS = (390, 820, 1024, 1280, 1366, 1920)
SWEEP = (*range(320, 2561, 140), 390, 768, 820, 1024, 1180, 1366, 1440)
A4 = 680
"""CSS pixels between the margins of a printed page."""

OVERFLOW = """() => [document.documentElement.scrollWidth - innerWidth,
    [...document.querySelectorAll(".content img, .content svg[role=img], .content input, .content label, .content p")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
        .filter((e) => !e.closest("[role=region], .table-wrapper, .output, pre"))
        .map((e) => e.outerHTML.slice(0, 90))]"""


STICKING_OUT = """() => {
    const scrolls = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
    const within = (e) => e.getBoundingClientRect().right <= innerWidth + 1 && e.getBoundingClientRect().left >= -1;
    const boxed = (e) => { for (let up = e; (up = up.parentElement) && up !== document.body; )
        if (scrolls(up) && within(up)) return true; };
    const drawn = ".content svg *, mjx-assistive-mml, mjx-assistive-mml *, .visually-hidden, .sr-only, .headerlink";
    const out = [...document.querySelectorAll(".content, .content *, .mobile-header *")]
        .filter((e) => !within(e) && e.checkVisibility() && !e.matches(drawn) && !boxed(e));
    const stuck = [...document.querySelectorAll(".content *")].filter((e) => e.scrollWidth > e.clientWidth + 1
        && scrolls(e) && e.checkVisibility() && e.tabIndex < 0 && !e.querySelector("a, button, input, [tabindex]"));
    const wide = document.documentElement.scrollWidth - innerWidth;
    return [...(wide > 0 ? [`${wide} px too wide`] : []), ...out.map((e) => `sticks out: ${e.outerHTML.slice(0, 90)}`),
        ...stuck.map((e) => `no keyboard reaches ${e.outerHTML.slice(0, 90)}`)];
}"""

SETTLED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The lecturers' site, which has every page, and what building it returned."""
    folder = tmp_path_factory.mktemp("a web server") / "any" / "base path"
    return folder, site.build(COURSE, folder, lecturers=True)


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request, chromium, course):
    """A lesson's name and its page, which several tests look at: loading one takes as long as looking."""
    folder, _ = course
    with opened(chromium, (folder / f"{request.param}.html").as_uri(), folder=folder.as_uri()) as seen:
        seen.page.evaluate("window.MathJax?.startup.promise")
        yield request.param, seen


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The class's site, written over a lecturers' one."""
    folder = tmp_path_factory.mktemp("public")
    for stale in (".buildinfo", "teaching.html", "searchindex.js", "notebooks/old.ipynb", "teaching/02.html"):
        (folder / stale).parent.mkdir(exist_ok=True)
        (folder / stale).write_text("They say")
    site.build(COURSE, folder, solutions=False)
    return folder


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


@pytest.mark.parametrize("name", KINDS)
def test_nothing_sticks_out_of_a_window_from_320_to_2560(chromium, course, name):
    with opened(chromium, (course[0] / f"{name}.html").as_uri(), folder=course[0].as_uri()) as seen:
        seen.page.evaluate("window.MathJax?.startup.promise")
        for width in SWEEP:
            seen.page.set_viewport_size({"width": width, "height": 900})
            seen.page.evaluate(SETTLED)
            assert seen.page.evaluate(STICKING_OUT) == [], width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in KINDS if name != "search"])
def test_a_page_prints_on_a4_without_losing_an_end_of_a_line(chromium, course, name, scheme):
    address = (course[0] / f"{name}.html").as_uri()
    with opened(chromium, address, A4, 960, course[0].as_uri(), color_scheme=scheme) as seen:
        page = seen.page
        page.evaluate("window.MathJax?.startup.promise")
        page.emulate_media(media="print")
        assert page.evaluate(STICKING_OUT) == []
        for part in (".sidebar-drawer", ".toc-drawer", ".mobile-header", "details > blockquote"):
            assert not page.locator(part).locator("visible=true").count(), part
        for picture in page.locator(".actlab-explorer, .actlab-picture").all():
            assert picture.evaluate("e => getComputedStyle(e).breakInside") == "avoid"
            assert picture.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
            assert picture.evaluate("e => getComputedStyle(e).color") == "rgb(43, 52, 64)"


def test_the_panels_of_a_picture_stand_below_each_other_on_a_phone(lesson):
    _, seen = lesson
    seen.page.set_viewport_size({"width": 390, "height": 844})
    for panels in seen.page.locator(".actlab-panels").all():
        panels.evaluate(UNFOLD)
        boxes = panels.evaluate("e => [...e.children].map((box) => box.getBoundingClientRect().toJSON())")
        assert all(box["left"] >= 0 and box["right"] <= 390 for box in boxes)
        assert all(one["bottom"] <= two["top"] + 1 for one, two in itertools.pairwise(boxes))


def test_the_gallery_shows_every_explorer_alive_with_a_line_to_copy_by_keyboard(chromium, course):
    folder, embeds = course[0], embed.explorers(COURSE)
    with opened(chromium, (folder / "gallery.html").as_uri(), 390, 844, folder.as_uri()) as seen:
        page, boxes = seen.page, seen.page.locator(".embedded")
        assert boxes.count() == len(embeds)
        assert {path.name for path in (folder / "explorers").iterdir()} == {one.name for one in embeds}
        for place in (0, len(embeds) // 2):
            box = boxes.nth(place)
            frame = box.frame_locator("iframe")
            box.scroll_into_view_if_needed()
            frame.locator("input").first.wait_for()
            assert move(page, frame.locator(".actlab-explorer")) == []
            page.wait_for_function(
                "([at, least]) => document.querySelectorAll('.embedded iframe')[at].offsetHeight >= least",
                arg=[place, frame.locator("main").evaluate("e => e.offsetHeight")],
            )
            box.get_by_role("button").focus()
            page.keyboard.press("Enter")
            box.get_by_text("Copied.").wait_for()
            box.evaluate("box => box.append(document.createElement('textarea'))")
            box.locator("textarea").focus()
            page.keyboard.press("Control+V")
            line = embeds[place].iframe(f"{folder.as_uri()}/explorers/")
            assert box.locator("textarea").input_value() == line
            assert (folder / "explorers" / embeds[place].name).read_text(encoding="utf-8") == embeds[place].page
        assert seen.faults == []


def test_the_gallery_s_pictures_follow_the_reader_into_the_dark_and_back(chromium, course):
    address = (course[0] / "gallery.html").as_uri()
    with opened(chromium, address, folder=course[0].as_uri(), color_scheme="dark") as seen:
        inside = seen.page.frame_locator(".embedded iframe").first.locator("body")
        for theme, palette in (("auto", look.DARK), ("light", look.LIGHT), ("dark", look.DARK)):
            seen.page.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
            colour = "rgb({}, {}, {})".format(*bytes.fromhex(palette.paper[1:]))
            expect(inside).to_have_css("background-color", colour)
            expect(inside.locator(".actlab-explorer")).to_have_css("background-color", colour)
        assert seen.faults == []


LEADS = re.compile(r'<(?:a|link|script|img|iframe)\b[^>]*?\s(?:href|src)="([^":]*)"')


@pytest.mark.parametrize("built", ["course", "published"])
def test_every_link_leads_to_a_file_and_a_place_of_the_site(built, request):
    folder = request.getfixturevalue(built)
    folder = (folder[0] if built == "course" else folder).resolve()
    texts = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*.html") if "_static" not in path.parts}
    named = {path: set(re.findall(r'\sid="([^"]+)"', text)) for path, text in texts.items()}
    lost = []
    for page, text in texts.items():
        for link in map(unquote, LEADS.findall(text)):
            name, _, place = link.partition("#")
            leads = (page.parent / name.partition("?")[0]).resolve() if name else page
            inside = leads.exists() and leads.is_relative_to(folder)
            if not inside or (place and place not in named.get(leads, {place})):
                lost.append((page.name, link))
    assert sum(len(LEADS.findall(text)) for text in texts.values()) > 1000
    assert lost == []


def test_where_no_script_runs_a_page_says_what_its_sliders_need(chromium, course):
    with opened(chromium, (course[0] / "02_sigmoid_tanh.html").as_uri(), java_script_enabled=False) as seen:
        assert seen.page.get_by_text("The sliders need JavaScript.").first.is_visible()
        assert not seen.page.get_by_text("trust the notebook").count()


@pytest.mark.parametrize("name", ["index", "gallery", "07_choosing", "grading"])
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


def test_each_prediction_opens_to_replies_that_fit_and_are_typeset(lesson):
    name, seen = lesson
    asked = read_source(COURSE / "solutions" / f"{name}.py", EXERCISES).predictions
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
def test_every_explorer_is_grabbed_and_played_and_no_label_is_cut_off(lesson, width, scheme):
    _, seen = lesson
    seen.page.set_viewport_size({"width": width, "height": 900})
    seen.page.emulate_media(color_scheme=scheme)
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


def words(path):
    """The text of a written file: what a reader sees or a search finds."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        text = BeautifulSoup(text, "html.parser").get_text()
    elif path.suffix == ".ipynb":
        text = "\n".join(cell["source"] for cell in nbformat.read(path, as_version=4).cells)
    return " ".join(text.split())


def test_the_class_s_site_holds_no_answer_anywhere(published):
    kept = {".html", ".ipynb", ".js", ".json", ".md", ".txt", ".inv"}
    ours = [path for path in published.rglob("*") if path.suffix in kept and "_static" not in path.parts]
    found = {path.relative_to(published).as_posix(): words(path) for path in ours if path.suffix != ".inv"}
    assert {"index.html", "searchindex.js", "gallery.html", "notebooks/09_practice.ipynb"} <= found.keys()
    for name in LESSONS:
        lesson = executed.read(COURSE / "solutions" / f"{name}.ipynb")
        learner = executed.read(COURSE / "notebooks" / f"{name}.ipynb")
        asked = {line.strip() for cell in learner.cells for line in cell.source.splitlines()}
        answers = [cell for cell in lesson.cells if executed.is_answer(cell)]
        assert bool(answers) == bool(ASKED[name])
        for cell in answers:
            own = [line.strip() for line in cell.source.splitlines() if line.strip() not in asked]
            answer = " ".join(" ".join(own).split())
            assert [where for where, text in found.items() if answer and answer in text] == [], answer
    for said in ("They say", "For lecturers", "For the lecturer", "— reply:", "A full answer", "✓ right"):
        assert [where for where, text in found.items() if said in text] == [], said
    lecturers = {f"{name}.html" for name in (*site.LECTURERS, *PLANS)}
    assert not lecturers & found.keys() and not [*(published / "_sources").rglob("*.*")]


def test_the_search_of_the_class_s_site_knows_no_lecturers_page(published):
    index = (published / "searchindex.js").read_text(encoding="utf-8")
    docs = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["docnames"]
    assert sorted(docs) == sorted(["index", "gallery", *LESSONS, *site.READERS])


@pytest.mark.parametrize("homework", HOMEWORKS, ids=lambda one: one.stem)
def test_of_a_homework_the_class_s_site_shows_the_notebook_as_it_is_handed_out(published, homework):
    page = BeautifulSoup((published / f"{homework.stem}.html").read_text(encoding="utf-8"), "html.parser")
    assert page.select(".cell_input") and not page.select(".cell_output")
    mine, given = (folder / "notebooks" / homework.file for folder in (published, COURSE))
    assert mine.read_bytes() == given.read_bytes()


def test_what_a_prediction_replies_is_learning_and_stays(published):
    page = BeautifulSoup((published / "02_sigmoid_tanh.html").read_text(encoding="utf-8"), "html.parser")
    asked = read_source(COURSE / "solutions" / "02_sigmoid_tanh.py", EXERCISES).predictions
    assert len(page.select("details > blockquote")) == sum(len(one.options) for _, one in asked) > 10


def test_the_site_for_everybody_keeps_answers_and_leaves_out_what_is_for_lecturers(tmp_path):
    site.write_source(COURSE, tmp_path / "source", solutions=True, lecturers=False)
    pages = {path.relative_to(tmp_path / "source").with_suffix("").as_posix() for path in tmp_path.rglob("*.md")}
    assert pages == {"index", "gallery", *site.READERS}
    assert "For lecturers" not in (tmp_path / "source" / "index.md").read_text(encoding="utf-8")
    assert "Show an answer" in (tmp_path / "source" / "09_practice.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LESSONS)
def test_each_lesson_offers_its_notebook(course, name):
    folder, _ = course
    assert f'href="notebooks/{name}.ipynb"' in (folder / f"{name}.html").read_text(encoding="utf-8")
    nbformat.validate(nbformat.read(folder / "notebooks" / f"{name}.ipynb", as_version=4))


def test_the_site_is_small(chromium, course):
    folder, built = course
    lecturers = [f"{name}.html" for name in (*site.LECTURERS, *PLANS)]
    assert built.size - sum((folder / name).stat().st_size for name in lecturers) < 15e6
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

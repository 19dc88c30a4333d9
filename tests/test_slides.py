"""The decks: a lecturer opens them from a folder with the network off, and everything is readable from the back."""

import shutil
from pathlib import Path

import pytest
from accessible import picture_faults
from offline import EXPLORERS, PARTS, move, opened, violations

from actlab.exercises import EXERCISES
from actlab.publish import executed, plans, slides
from actlab.publish.source import read_source

COURSE = Path(__file__).parents[1]
LESSONS = [path.stem for path in executed.lessons(COURSE)]
SMALLEST = 18

READY = "window.Reveal?.isReady()"

# On every slide: what hangs over its edge, and the smallest letters. A figure's labels are 13.9 px at natural width.
LOOK = """() => Reveal.getSlides().flatMap((slide) => {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v || 0, 99);
    const faults = [];
    const frame = document.querySelector(".slides").getBoundingClientRect();
    for (const element of slide.querySelectorAll(".page, .page *:not(script, style)")) {
        if (element.closest("aside, mjx-assistive-mml")) continue;
        const box = element.getBoundingClientRect();
        const outside = box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1;
        if (box.width && outside && !element.closest("svg")) faults.push(`${element.tagName} hangs over the edge`);
        let size = NaN;
        if ([...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
            size = parseFloat(getComputedStyle(element).fontSize) * element.currentCSSZoom;
        if (element.matches("[class^=actlab-] img[src^='data:image/webp']"))
            size = 13.9 * box.width / (element.naturalWidth / 2);
        if (size < SMALLEST - 0.4) faults.push(`${size.toFixed(1)} px: ${element.textContent.slice(0, 40)}`);
    }
    return [...new Set(faults)].map((fault) => `slide ${h}/${v || 0}: ${fault}`);
})""".replace("SMALLEST", str(SMALLEST))


SHOW_SLIDE_OF = """explorer => {
    const { h, v } = Reveal.getIndices(explorer.closest(".page").parentNode);
    Reveal.slide(h, v, 99);
    return [h, v];
}"""

COLUMNS = """() => [...document.querySelectorAll(".slides > section")].map((column) => [
    column.querySelector("h1, h2").textContent,
    [...column.querySelectorAll(":scope > section")].map((slide) => slide.querySelector("aside")?.textContent ?? ""),
])"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a memory stick")
    written = slides.build(COURSE, folder)
    assert [deck.path.stem for deck in written] == LESSONS
    return folder


@pytest.fixture(scope="module", params=LESSONS)
def deck(request, chromium, decks):
    """One lesson's deck, opened once for all that is asked of it: (its name, the page)."""
    with opened(chromium, (decks / f"{request.param}.html").as_uri()) as seen:
        seen.page.wait_for_function(READY)
        yield request.param, seen.page
        assert seen.faults == []


def test_slides_are_readable_from_the_back_and_stay_inside_their_frame(deck):
    _, page = deck
    assert page.evaluate(LOOK) == []


def test_every_explorer_moves_and_its_slide_stays(deck):
    name, page = deck
    explorers = page.locator(EXPLORERS).all()
    cells = executed.read(COURSE / "solutions" / f"{name}.ipynb").cells
    assert bool(explorers) == any("actlab-explorer" in html for cell in cells for html in executed.pages(cell))
    for explorer in explorers:
        place = explorer.evaluate(SHOW_SLIDE_OF)
        assert move(page, explorer) == []
        assert page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().v]") == place


def test_every_picture_says_what_it_shows(deck):
    _, page = deck
    assert picture_faults(page.evaluate("document.querySelector('.slides').innerHTML")) == []


def test_each_section_begins_a_column_and_brings_its_questions(deck):
    name, page = deck
    lesson = executed.read(COURSE / "solutions" / f"{name}.ipynb")
    headings = [cell.source.splitlines()[0][3:] for cell in lesson.cells if cell.source.startswith("## ")]
    columns = page.evaluate(COLUMNS)
    assert [title for title, _ in columns[1:]] == [heading.replace("`", "") for heading in headings]
    asked = {question.section for question in plans.read(COURSE)[name[:2]].questions}
    for title, notes in columns:
        if title.split(" ")[0] in asked:
            assert all("They say" in note for note in notes)


def test_a_deck_fills_a_hall_and_fits_a_phone(deck):
    _, page = deck
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.wait_for_function("Reveal.getScale() === 1.5")
    assert page.evaluate(LOOK) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".reveal-scroll")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.page')].filter(p => p.getBoundingClientRect().right > 391).length"
        )
        == 0
    )
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_selector(".reveal:not(.reveal-scroll)")


@pytest.mark.parametrize("name", LESSONS)
def test_the_printed_deck_has_every_slide_and_nothing_that_keeps_a_reader_out(chromium, decks, name):
    address = (decks / f"{name}.html").as_uri()
    with opened(chromium, address + "?print-pdf") as seen:
        seen.page.wait_for_selector(".pdf-page")
        assert seen.page.locator(".pdf-page").count() == seen.page.evaluate("Reveal.getTotalSlides()")
        assert seen.page.locator(".fragment:not(.visible)").count() == 0
        assert violations(seen.page, without=[] if name == LESSONS[0] else PARTS) == []
        assert seen.faults == []


def test_the_speaker_view_shows_the_notes(chromium, decks):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri()) as seen:
        seen.page.wait_for_function(READY)
        seen.page.evaluate("Reveal.slide(3)")
        with seen.page.expect_popup() as popup:
            seen.page.keyboard.press("s")
        popup.value.get_by_text("At its very best, a quarter").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_decks_leads_to_each(chromium, decks, scheme):
    with opened(chromium, (decks / "index.html").as_uri(), color_scheme=scheme) as seen:
        links = seen.page.locator("li a").evaluate_all("links => links.map(a => a.href)")
        assert [Path(link).stem for link in links] == LESSONS
        assert violations(seen.page) == []
        seen.page.locator("li a").first.click()
        seen.page.wait_for_function(READY)
        assert seen.faults == []


PREDICTIONS = """() => [...document.querySelectorAll(".prediction")].map((block) => {
    const slide = block.closest("section"), { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v || 0, 99);
    const frame = document.querySelector(".slides").getBoundingClientRect();
    const options = [...block.querySelectorAll("details")];
    const open = options.filter((option) => option.open).length;
    const prose = block.cloneNode(true);
    prose.querySelectorAll("code, mjx-container").forEach((part) => part.remove());
    const over = options.map((option) => {
        option.open = true;
        const parts = [block, ...block.querySelectorAll("*")].map((part) => part.getBoundingClientRect());
        const faults = options.filter((other) => other.open).length - 1;
        option.open = false;
        return faults + parts.filter((box) => box.bottom > frame.bottom + 1 || box.right > frame.right + 1).length;
    });
    return {
        question: block.querySelector("p").textContent,
        open,
        over,
        size: parseFloat(getComputedStyle(block.querySelector("summary")).fontSize) * block.currentCSSZoom,
        beside: slide.querySelectorAll(".page > :not(.running, .prediction)").length,
        raw: /\\$|\\*\\*|`/.test(prose.textContent),
    };
})"""


def test_a_prediction_has_a_slide_to_itself_on_which_each_reply_fits(deck):
    name, page = deck
    asked = read_source(COURSE / "solutions" / f"{name}.py", EXERCISES).predictions
    found = page.evaluate(PREDICTIONS)
    assert len(found) == len(asked)
    for prediction, (_, written) in zip(found, asked, strict=True):
        assert prediction.pop("question").startswith("Predict. ")
        assert prediction.pop("size") >= 32
        assert prediction == {"open": 0, "over": [0] * len(written.options), "beside": 0, "raw": False}


def test_a_reply_opens_by_key_and_by_click_and_the_result_waits_on_the_next_slide(chromium, decks):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri()) as seen:
        page = seen.page
        page.wait_for_function(READY)
        place = page.evaluate(
            "(() => { const { h, v } = Reveal.getIndices(document.querySelector('.prediction').closest('section'));"
            " Reveal.slide(h, v); return [h, v]; })()"
        )
        here, opens = "[Reveal.getIndices().h, Reveal.getIndices().v]", ".present .present details[open] summary"
        options = page.locator(".present .present summary")
        options.nth(1).focus()
        page.keyboard.press("Space")
        assert page.locator(opens).all_text_contents() == [options.nth(1).text_content()]
        page.keyboard.press("Enter")
        assert page.locator(opens).count() == 0
        for option in (2, 0):
            options.nth(option).click()
            assert page.locator(opens).all_text_contents() == [options.nth(option).text_content()]
        assert page.evaluate(here) == place
        page.keyboard.press("Space")
        assert page.evaluate(here) == [place[0], place[1] + 1]


def test_the_folder_can_be_copied_anywhere(chromium, decks, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(decks, moved)
    with opened(chromium, (moved / "05_softmax.html").as_uri()) as seen:
        seen.page.wait_for_function(READY)
        assert seen.page.locator("mjx-container").count() > 10
        assert seen.faults == []

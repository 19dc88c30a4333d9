"""The decks: a lecturer opens them from a folder with the network off, and everything is readable from the back."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from accessible import picture_faults
from nbformat.v4 import new_code_cell, new_notebook, new_output
from offline import EXPLORERS, PARTS, move, opened, violations
from typer.testing import CliRunner

from actlab.cli import main
from actlab.errors import CourseError
from actlab.exercises import EXERCISES
from actlab.publish import executed, plans, shown, slides
from actlab.publish.shown import Choice
from actlab.publish.source import read_source
from actlab.saved import WIDGET_VIEW

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
        if (element.matches("[class^=actlab-] img[src^='data:image/']:not([data-asleep])"))
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


def test_every_link_leads_to_a_deck_of_the_folder_or_to_the_web(deck, decks):
    _, page = deck
    found = page.locator(".slides a[href], #plan a[href]").evaluate_all(
        "all => all.map((one) => one.getAttribute('href'))"
    )
    own = [link for link in found if not link.startswith(("http", "?"))]
    assert [link for link in own if not (decks / link.partition("#")[0]).is_file() or link.startswith("#")] == []


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
        if plans.is_called(title, next((section for section in asked if plans.is_called(title, section)), "–")):
            assert any("They say" in note for note in notes)
        said = [note for note in notes if note]
        assert len(said) == len({*said}), "a note stands on the slide to which it belongs, and only there"


ASKING = """() => [...document.querySelectorAll(".prediction, .question")].map((block) => {
    const slide = block.closest("section"), { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v || 0, 99);
    const prose = block.cloneNode(true), question = block.cloneNode(true);
    question.querySelectorAll("mjx-container, details, ul").forEach((part) => part.remove());
    const before = [...slide.parentNode.children].slice(0, v || 0).map((one) => one.querySelector(".page").innerText);
    const sizes = [...block.querySelectorAll("p, summary, li")].filter((part) => !part.closest("blockquote"))
        .map((part) => parseFloat(getComputedStyle(part).fontSize) * part.currentCSSZoom);
    return {
        section: slide.parentNode.querySelector("h1, h2").textContent,
        words: question.textContent,
        beside: slide.querySelectorAll(".page > :not(.running, .prediction, .question)").length,
        smallest: Math.min(...sizes),
        notes: slide.querySelector("aside.notes")?.textContent ?? "",
        after: slide.nextElementSibling?.querySelector(".prediction, .question") === null,
        next: slide.nextElementSibling?.querySelector("aside.notes")?.textContent ?? "",
        before: before.join("\\n"),
    };
})"""


def plain(text):
    """A question's words, without its formulas and its mark-up."""
    text = re.sub(r"\$[^$]*\$|[`*\\\\]", "", text.removeprefix("Predict. "))
    return re.sub(r"\s+", "", text)


def test_each_question_of_the_plan_is_asked_in_its_words_on_a_slide_of_its_own(deck):
    name, page = deck
    found = page.evaluate(ASKING)
    planned = plans.read(COURSE)[name[:2]].questions
    for question in planned:
        box = next(b for b in found if plain(b["words"].strip()) == plain(question.words))
        assert plans.is_called(box["section"], question.section)
        then = question.then.split("<!--")[0].split("$")[0][:20].replace("*", "").split("`")[0]
        assert then in box["notes"]
        assert then in box["next"] or not box["after"], "what to do then stands beside what it is done with"
    assert all(box["beside"] == 0 and box["smallest"] >= 32 and "They say" in box["notes"] for box in found)
    lesson = read_source(COURSE / "solutions" / f"{name}.py", EXERCISES)
    unasked = [cell for cell in lesson.cells if re.match("## (Check yourself)", cell.source)]
    extra = len(found) - len(planned)
    assert extra >= bool(unasked and name != "08_networks_of_today"), "what one checks oneself with is asked, too"


NUMBER = r"\d+(?:\.\d+)?(?:e[-−]?\d+)?"


def measured(text):
    """The numbers in a text that are results, not settings: of four digits or more, such as 0.2500, but not 1.0000."""
    numbers = [n for n in re.findall(NUMBER, text) if not re.fullmatch(r"\d+\.0+", n)]
    return {n for n in numbers if len(n.split("e")[0].replace(".", "")) > 3 or re.search(r"\..*e", n)}


def test_the_multiple_choices_at_the_end_are_asked_on_slides_of_their_own(deck):
    name, page = deck
    cells = executed.read(COURSE / "solutions" / f"{name}.ipynb").cells
    end = next((i for i, cell in enumerate(cells) if cell.source.startswith("## Check yourself")), len(cells))
    names = [cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_prompt") for cell in cells[end:]]
    choices = [EXERCISES[one] for one in names if hasattr(EXERCISES.get(one), "options")]
    asked = page.locator(".slides .question").all_text_contents()
    for choice in choices:
        assert any(all(plain(text) in plain(words) for text in choice.options.values()) for words in asked), choice.name


def test_nothing_in_a_section_says_the_result_before_its_question(deck):
    name, page = deck
    boxes = {plain(box["words"].strip()): box for box in page.evaluate(ASKING)}
    for question in plans.read(COURSE)[name[:2]].questions:
        shown_before = measured(boxes[plain(question.words)]["before"])
        assert measured(question.then).isdisjoint(shown_before), question.section


SIZES = """() => [["24", ".page > pre"], ["20", ".highlight pre"]].flatMap(([least, which]) =>
    [...document.querySelectorAll(which)].filter((pre) => {
        const { h, v } = Reveal.getIndices(pre.closest("section"));
        Reveal.slide(h, v || 0, 99);
        return parseFloat(getComputedStyle(pre).fontSize) * pre.currentCSSZoom < least - 0.4;
    }).map((pre) => pre.textContent.slice(0, 40)))"""


def test_what_is_printed_is_large_and_code_is_shown_where_it_is_the_idea(deck):
    name, page = deck
    assert page.evaluate(SIZES) == []
    cells = executed.read(COURSE / "solutions" / f"{name}.ipynb").cells
    ideas = [cell for cell in cells if shown.IDEA in cell.metadata.get("tags", ()) and cell.cell_type == "code"]
    assert page.locator(".slides .highlight").count() == len(ideas)


# The room for notes in a speaker view of 1440 × 900.
NOTES = """() => [...document.querySelectorAll("aside.notes > div")].map((note) => {
    const probe = note.cloneNode(true);
    probe.style.cssText += "; position: absolute; width: 532px; line-height: 1.4; font-family: Helvetica, sans-serif";
    document.body.append(probe);
    const over = probe.offsetHeight > 315 ? note.textContent.slice(0, 60) : "";
    probe.remove();
    return over;
}).filter((over) => over)"""


def test_the_minutes_of_the_plan_pace_the_slides_and_the_notes_need_no_scrolling(deck):
    name, page = deck
    plan = plans.read(COURSE)[name[:2]]
    seconds = page.evaluate("Reveal.getSlides().map((slide) => Number(slide.dataset.timing))")
    assert f"{sum(seconds) / 60:g} min" == plan.longest()
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.evaluate(NOTES) == []
    page.set_viewport_size({"width": 1280, "height": 720})


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


SCROLLS = """() => {
    const controls = document.querySelector("#speaker-controls");
    return controls.scrollHeight - controls.clientHeight;
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080)])
def test_the_speaker_view_shows_the_notes_of_a_slide_without_scrolling_and_paces(chromium, decks, width, height):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri(), width=width, height=height) as seen:
        page = seen.page
        page.wait_for_function(READY)
        with page.expect_popup() as popup:
            page.keyboard.press("s")
        view = popup.value
        view.set_viewport_size({"width": width, "height": height})
        view.get_by_text("Pacing").wait_for()
        for place, words in ((TITLE, "G 2"), (FIRST_QUESTION, "At its very best, a quarter")):
            page.evaluate(place)
            view.get_by_text(words).first.wait_for()
            assert view.evaluate(SCROLLS) <= 0


TITLE = "Reveal.slide(0)"
FIRST_QUESTION = """(() => {
    const { h, v } = Reveal.getIndices(document.querySelector(".prediction").closest("section"));
    Reveal.slide(h, v);
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_decks_leads_to_each(chromium, decks, scheme):
    with opened(chromium, (decks / "index.html").as_uri(), color_scheme=scheme) as seen:
        links = seen.page.locator("li a").evaluate_all("links => links.map(a => a.href)")
        assert [Path(link).stem for link in links[::2]] == LESSONS
        assert links[1::2] == [f"{link}?plan" for link in links[::2]]
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


def test_an_arrow_leaves_a_section_whose_hidden_lines_space_uncovers(chromium, decks):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri()) as seen:
        page, place = seen.page, "[Reveal.getIndices().h, Reveal.getIndices().v]"
        page.wait_for_function(READY)
        derivation = page.locator("mjx-container g.fragment").first
        h, v = derivation.evaluate(SHOW_SLIDE_OF.replace(", 99", ""))
        hidden = page.locator(".present .present .fragment:not(.visible)")
        assert hidden.count() > 0
        page.keyboard.press("Space")
        assert page.evaluate(place) == [h, v]
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")
        assert page.evaluate(place) == [h, v]
        page.evaluate(f"Reveal.slide({h}, {v}, -1)")
        page.keyboard.press("ArrowRight")
        assert page.evaluate(place) == [h + 1, 0]


def test_a_question_gives_time_to_think_when_it_is_asked_for(chromium, decks):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri()) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.evaluate(FIRST_QUESTION)
        clock = page.locator(".present .present .countdown")
        assert clock.text_content() == "30 s"
        page.keyboard.press("t")
        page.get_by_role("button", name="29 seconds left: stop").wait_for()
        clock.click()
        assert clock.text_content() == "30 s"


def test_the_plan_is_printed_with_the_number_of_each_slide(chromium, decks):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri()) as deck:
        deck.page.wait_for_function(READY)
        starts = deck.page.evaluate(
            "Reveal.getHorizontalSlides().slice(1).map((s) => Reveal.getSlidePastCount(s.firstElementChild) + 1)"
        )
        with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri() + "?plan") as seen:
            seen.page.locator("#plan").wait_for()
            numbers = seen.page.locator("#plan h2 a").all_text_contents()
            assert numbers == [f"G {number}" for number in starts]
            assert seen.page.get_by_role("heading", name="On the board").count() == 1
            assert violations(seen.page) == []
            assert seen.faults == []


def test_on_a_phone_held_upright_a_deck_is_a_page_to_read(chromium, decks):
    with opened(chromium, (decks / "02_sigmoid_tanh.html").as_uri(), width=390, height=844) as seen:
        page = seen.page
        page.wait_for_selector(".reading")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        size = "(part) => parseFloat(getComputedStyle(part).fontSize)"
        assert min(page.locator(".slides p:visible").evaluate_all(f"(parts) => parts.map({size})")) >= 16
        page.locator("summary").first.click()
        assert page.locator("details[open] blockquote").first.is_visible()
        assert page.locator("aside.notes").count() == 0
        assert seen.faults == []


# To order


@pytest.fixture(scope="module")
def ordered(tmp_path_factory):
    """Two lessons in 45 minutes without code, with a university's colours and logo: (the folder, its one deck)."""
    folder = tmp_path_factory.mktemp("ordered")
    (folder / "uni.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><g/></svg>')
    (folder / "ground.png").write_bytes(b"\x89PNG")
    (folder / "uni.css").write_text(
        ".reveal h2 { color: rgb(1, 2, 3) !important; }\n.no { background: url(ground.png) }"
    )
    choice = Choice(45, ("2.9", "Recap"), code=False)
    (deck,) = slides.build(COURSE, folder / "out", ["02", "05"], choice, folder / "uni.css", folder / "uni.svg")
    return folder / "out", deck


def test_two_lessons_make_one_deck_of_what_was_asked_for(chromium, ordered):
    folder, deck = ordered
    assert (deck.path.name, deck.title) == ("02_05.html", "02 · Sigmoid and tanh, 05 · Softmax")
    with opened(chromium, deck.path.as_uri()) as seen:
        page = seen.page
        page.wait_for_function(READY)
        titles = [title for title, _ in page.evaluate(COLUMNS)]
        assert [title for title in titles if " · " in title] == deck.title.split(", ")
        two, five = (plans.read(COURSE)[number] for number in ("02", "05"))
        kept = [step for plan in (two, five) for step in plan.steps if "45 min" in step.minutes]
        numbers = [step.section for step in kept if step.section[0].isdigit() and step.section != "2.9"]
        assert [title.split(" ")[0] for title in titles if title[0].isdigit() and " · " not in title] == numbers
        assert "Recap" not in titles and titles.count("Check yourself") == 2
        left = sum(step.minutes["45 min"] for step in two.steps if step.section == "2.9")
        seconds = page.evaluate("Reveal.getSlides().map((slide) => Number(slide.dataset.timing))")
        assert sum(seconds) == 60 * (90 - left)
        assert page.locator(".slides .highlight").count() == 0
        logos = page.locator(".slides .logo").evaluate_all("all => all.map((one) => [one.alt, one.naturalWidth])")
        assert logos == [["Logo: uni", 90], *[["", 90]] * (len(seconds) - 1)]
        assert page.locator("h2").nth(1).evaluate("heading => getComputedStyle(heading).color") == "rgb(1, 2, 3)"
        assert page.evaluate(LOOK) == []
        assert seen.faults == []
    assert "base64" in (folder / "assets" / "reveal" / "dist" / "theme" / "actlab.css").read_text("utf-8")


def test_the_notes_say_what_was_left_out_before_a_section_and_what_to_say_instead(chromium, ordered):
    _, deck = ordered
    with opened(chromium, deck.path.as_uri()) as seen:
        seen.page.wait_for_function(READY)
        heads = {title.split(" ")[0]: notes[0] for title, notes in seen.page.evaluate(COLUMNS)}
    instead = plans.read(COURSE)["05"].instead
    assert "Left out before this:" in heads["5.5"] and "5.3 Whose maximum" in heads["5.5"]
    assert instead["5.3"] in heads["5.5"] and instead["5.4"] in heads["5.5"] and instead["5.6"] in heads["5.7"]
    assert "Left out" not in heads["5.2"] + heads["5.8"]


def test_all_code_can_be_shown(chromium, tmp_path):
    (deck,) = slides.build(COURSE, tmp_path, ["06"], Choice(code=True))
    with opened(chromium, deck.path.as_uri()) as seen:
        seen.page.wait_for_function(READY)
        assert seen.page.locator(".slides .highlight").count() > 5
        assert seen.page.evaluate(LOOK) == [] and seen.page.evaluate(SIZES) == []


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"names": ["99"]}, "no lesson is called 99; there are 00_start_here, 01_why"),
        ({"choice": Choice(50)}, "no plan has 50 minutes: --minutes takes 10 or 45 or 90."),
        ({"names": ["00", "02"], "choice": Choice(45)}, "no plan of 00 has 45 minutes: --minutes takes 10."),
        (
            {"names": ["02"], "choice": Choice(skip=("5.1",))},
            "--skip 5.1: no such section in this deck; there are 2.1, 2.2",
        ),
        ({"css": "nowhere.css"}, "No such file"),
        ({"css": "far.css"}, "far.css points to https://far.org/a.woff2, which is no file beside it"),
        ({"css": "more.css"}, "more.css imports another stylesheet"),
        ({"logo": "nowhere.svg"}, "No such file"),
        ({"logo": "far.css"}, "far.css is no picture that a deck can show"),
    ],
)
def test_what_there_is_not_is_named_before_anything_is_written(tmp_path, order, sentence):
    (tmp_path / "far.css").write_text("@font-face { src: url('https://far.org/a.woff2') }")
    (tmp_path / "more.css").write_text("@import 'other.css';")
    for option in {"css", "logo"} & order.keys():
        order = order | {option: tmp_path / order[option]}
    with pytest.raises((CourseError, OSError), match=re.escape(sentence)):
        slides.build(COURSE, tmp_path / "out", **order)
    assert not (tmp_path / "out").exists()


# A notebook that was run by hand


def test_progress_bars_never_reach_a_page(tmp_path):
    bars = [
        new_output("display_data", {"text/plain": "training: 42%|####2 | 126/300", WIDGET_VIEW: {"model_id": "a"}}),
        new_output("stream", name="stderr", text="\rtraining: 42%|####2 | 126/300"),
    ]
    result = new_output("stream", text="0.25\n")
    nbformat.write(new_notebook(cells=[new_code_cell("1", outputs=[*bars, result])]), tmp_path / "01_run.ipynb")
    assert executed.read(tmp_path / "01_run.ipynb").cells[0].outputs == [result]


@pytest.mark.parametrize("command", ["slides", "site"])
@pytest.mark.parametrize("how", ["edited", "run by hand"])
def test_a_stale_notebook_stops_what_would_publish_it(tmp_path, monkeypatch, command, how):
    for folder in ("solutions", "notebooks", "docs/teaching"):
        (tmp_path / folder).mkdir(parents=True)
        for file in (COURSE / folder).glob("00*"):
            shutil.copy(file, tmp_path / folder)
    source, notebook = (tmp_path / "solutions" / f"00_start_here.{kind}" for kind in ("py", "ipynb"))
    if how == "edited":
        source.write_text(source.read_text("utf-8").replace("The map", "A map"), encoding="utf-8")
    else:
        saved = nbformat.read(notebook, 4)
        saved.metadata.language_info.version = "3.13.0"
        nbformat.write(saved, notebook)
    monkeypatch.setattr("actlab.cli.course_root", lambda _: tmp_path)
    done = CliRunner().invoke(main, [command, "--out", str(tmp_path / "out")])
    assert done.exit_code == 1 and not (tmp_path / "out").exists()
    assert "solutions/00_start_here.ipynb" in done.stderr
    assert done.stderr.endswith("run `actlab build 00`, then this again.\n")


def test_the_folder_can_be_copied_anywhere(chromium, decks, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(decks, moved)
    with opened(chromium, (moved / "05_softmax.html").as_uri()) as seen:
        seen.page.wait_for_function(READY)
        assert seen.page.locator("mjx-container").count() > 10
        assert seen.faults == []

"""Explorers as pages of their own: they move from a file and in a foreign page's sandbox, and ask for nothing."""

import html
import re
from pathlib import Path

import pytest
from offline import move, opened

from actlab.course import LESSONS
from actlab.publish import embed, executed

COURSE = Path(__file__).parents[1]
EMBEDS = embed.explorers(COURSE)

TALLEST = """() => {
    let most = document.documentElement.offsetHeight;
    const look = () => (most = Math.max(most, document.documentElement.offsetHeight));
    for (const slider of document.querySelectorAll("input[type=range]"))
        for (slider.value = 0; ; slider.value = +slider.value + 1) {
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            look();
            if (slider.value === slider.max) break;
        }
    for (const choice of document.querySelectorAll("input[type=radio]")) choice.click(), look();
    return most;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages, and a page round each that gives it nothing but scripts."""
    folder = tmp_path_factory.mktemp("someone's pages")
    for one in EMBEDS:
        (folder / one.name).write_text(one.page, encoding="utf-8")
        round_it = f'<!DOCTYPE html><html lang="en"><title>Elsewhere</title><body style="margin:0">{one.iframe()}'
        (folder / f"round_{one.name}").write_text(round_it, encoding="utf-8")
    return folder


def shown(lesson):
    """How many explorers the executed notebook shows."""
    cells = executed.read(COURSE / "solutions" / lesson.file).cells
    return sum(page.startswith('<div class="actlab-explorer') for cell in cells for page in executed.pages(cell))


def test_every_explorer_of_the_lessons_has_its_page_and_no_two_share_a_name():
    for lesson in LESSONS:
        mine = [one for one in EMBEDS if one.lesson is lesson]
        assert len(mine) == (0 if lesson.is_homework else shown(lesson))
        assert all(one.name.startswith(f"{lesson.stem}_") for one in mine)
    assert len({one.name for one in EMBEDS}) == len(EMBEDS) > 30


def test_pictures_made_with_the_answers_of_homework_come_when_asked_for():
    homework = next(lesson for lesson in LESSONS if lesson.is_homework)
    assert [one.lesson for one in embed.explorers(COURSE, (homework,))] == [homework] * shown(homework)


FIRST = {one.lesson.number: one for one in reversed(EMBEDS)}.values()
"""One of each lesson: choices, drawings with one panel and with two, all kinds of sliders."""


@pytest.mark.parametrize("one", FIRST, ids=lambda one: one.name)
def test_it_moves_in_a_sandbox_and_asks_for_nothing(chromium, folder, one):
    with opened(chromium, (folder / f"round_{one.name}").as_uri(), width=one.width, height=one.height) as seen:
        frame = seen.page.frame_locator("iframe")
        frame.locator("input").first.wait_for()
        assert seen.page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
        assert move(seen.page, frame.locator(".actlab-explorer")) == []
        assert seen.faults == []


def test_wherever_its_sliders_stand_it_fits_the_height_of_its_line_and_every_width(chromium, folder):
    with opened(chromium, (folder / EMBEDS[0].name).as_uri(), width=900, folder=folder.as_uri()) as seen:
        for one in EMBEDS:
            seen.page.goto((folder / one.name).as_uri())
            assert one.height - 120 < seen.page.evaluate(TALLEST) <= one.height, one.name
            for width in (320, 900):
                seen.page.set_viewport_size({"width": width, "height": 800})
                assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, one.name
        assert seen.faults == []


def test_a_page_round_it_is_told_how_high_it_is(chromium, folder):
    one = EMBEDS[0]
    with opened(chromium, (folder / f"round_{one.name}").as_uri(), width=900) as seen:
        heard = seen.page.evaluate(
            f"""() => new Promise((heard) => {{
                addEventListener("message", ({{ data }}) => data.height > {one.height} && heard(data));
                document.querySelector("iframe").style.width = "320px";
            }})"""
        )
        assert heard["actlab"] == "height", "narrow, its sliders and panels stand below each other"


def test_without_scripts_it_says_that_it_needs_them(chromium, folder):
    address = (folder / EMBEDS[0].name).as_uri()
    with opened(chromium, address, java_script_enabled=False) as seen:
        assert seen.page.get_by_text("The sliders need JavaScript.").is_visible()
        assert "notebook" not in seen.page.locator("main").inner_text()


def test_the_line_is_one_element_with_a_title_that_says_what_it_shows():
    for one in EMBEDS:
        assert re.fullmatch(r'<iframe( [a-z]+="[^"<>]*")+></iframe>', one.iframe("https://example.org/explorers/"))
        assert f'src="https://example.org/explorers/{one.name}"' in one.iframe("https://example.org/explorers/")
        assert html.unescape(re.search('title="(.*?)"', one.iframe())[1]) == one.title
        assert one.said and one.title not in one.said

"""The sheets: two pages of A4 each, nothing cut off, readable on paper, and no answer on them."""

import re
from pathlib import Path

import pytest
from offline import opened
from typer.testing import CliRunner

from actlab import cli
from actlab.course import LESSONS
from actlab.exercises import EXERCISES
from actlab.publish import executed, handouts, quiz

COURSE = Path(__file__).parents[1]
RECAPPED = [lesson for lesson in LESSONS if 0 < lesson.number < 9]
MM, PT = 96 / 25.4, 96 / 72
SMALLEST = 9 * PT
LABELS = 7 * PT
"""Of a figure's labels, which are 13.9 px where it is as wide as it was drawn."""

CUT = """() => [...document.querySelectorAll(".page")].flatMap((page) => {
    const frame = page.getBoundingClientRect();
    return [...page.querySelectorAll("*")].filter((one) => {
        const box = one.getBoundingClientRect();
        const outside = box.bottom > frame.bottom + 1 || box.right > frame.right + 1;
        return outside && box.width && !one.closest(".notes div");
    }).map((one) => `${one.tagName}: ${one.textContent.slice(0, 40)}`);
})"""
SIZES = """() => [...document.querySelectorAll(".page *:not(math *)")]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
DRAWN = """() => [...document.querySelectorAll(".figures img")]
    .map((img) => (13.9 * img.getBoundingClientRect().width) / (img.naturalWidth / 2))"""
LINES = """() => {
    const notes = [...document.querySelectorAll(".notes")].at(-1);
    const room = notes.getBoundingClientRect();
    return [...notes.children]
        .filter((line) => line.getBoundingClientRect().bottom <= room.bottom + 1).length;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets")
    written = handouts.write(COURSE, folder, EXERCISES)
    assert [sheet.page.stem for sheet in written] == [lesson.stem for lesson in RECAPPED]
    assert all(sheet.pdf for sheet in written), "the tests' own Chromium is not found"
    return folder


@pytest.mark.parametrize("lesson", RECAPPED, ids=lambda lesson: lesson.stem)
def test_a_sheet_is_two_pages_on_which_nothing_is_cut_off_or_small(chromium, folder, lesson):
    pdf = (folder / f"{lesson.stem}.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 2
    assert {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^]]+)\]", pdf)} == {
        (0, 0, 594.95996, 841.91998)
    }
    with opened(chromium, (folder / f"{lesson.stem}.html").as_uri(), width=round(182 * MM), height=1100) as seen:
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(CUT) == []
        assert min(seen.page.evaluate(SIZES)) >= SMALLEST - 0.1
        assert min(seen.page.evaluate(DRAWN)) >= LABELS
        assert seen.page.evaluate(LINES) >= 4
        assert seen.faults == []


@pytest.mark.parametrize("lesson", RECAPPED, ids=lambda lesson: lesson.stem)
def test_it_holds_the_recap_the_formulas_and_every_question_of_its_lesson_and_no_reply(folder, lesson):
    page = (folder / f"{lesson.stem}.html").read_text(encoding="utf-8")
    cells = executed.read(COURSE / "solutions" / lesson.file).cells
    (recap,) = [cell.source for cell in cells if cell.source.startswith("## Recap")]
    assert page.count("<tr>") == recap.count("\n|") - 1
    asked = quiz.items(COURSE, EXERCISES, [lesson])
    assert page.count('<span class="box">') == sum(len(one.options) for one in asked)
    replies = [option.feedback for one in asked for option in one.options if "\\" not in option.feedback]
    assert replies and not any(reply in page for reply in replies)
    assert not re.search(r"\\\(|\$\$|<script", page)
    assert not re.search(r"<math[^>]*>(<mrow>)?<mo>(=|&#x0003D;)", page)  # a derivation stays in one piece


def test_without_a_browser_the_pages_are_written_and_a_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(handouts, "BROWSERS", ("no such browser",))
    monkeypatch.setattr(handouts, "ELSEWHERE", ())
    said = CliRunner().invoke(cli.main, ["handout", "02", "--out", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert [path.name for path in tmp_path.iterdir()] == ["02_sigmoid_tanh.html"]
    assert "open a page in any browser, and print it" in " ".join(said.output.split())


def test_a_browser_that_makes_no_pdf_is_named_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(handouts, "BROWSERS", ("false",))
    said = CliRunner().invoke(cli.main, ["handout", "02", "--out", str(tmp_path)])
    assert said.exit_code == 1
    assert "made no PDF" in said.output


def test_a_lesson_without_a_recap_has_no_sheet(tmp_path):
    said = CliRunner().invoke(cli.main, ["handout", "00", "--out", str(tmp_path)])
    assert (said.exit_code, "00 Start here has no recap" in said.output) == (1, True)

"""The questions as Moodle, Canvas and others read them: by parsers that others wrote, and by the formats' own rules."""

import html
import io
import re
import warnings
import zipfile
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers import moodle_gift
from lxml import etree
from moodle_xml_parser.parser import parse_bytes
from pyslet.qtiv1 import common, item
from pyslet.qtiv1.xml import QTIDocument
from typer.testing import CliRunner

from actlab import cli
from actlab.course import LESSONS, PRACTICE
from actlab.course import lesson as lesson_number
from actlab.errors import CourseError
from actlab.exercises import EXERCISES
from actlab.exercises.model import Choice
from actlab.publish import executed, platforms, quiz
from actlab.publish.quiz import Item, Option
from actlab.publish.source import read_source

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is older than the names that Python has given up since
    from pygiftparser.parser import parseFile

COURSE = Path(__file__).parents[1]
ITEMS = quiz.items(COURSE, EXERCISES)
TAUGHT = [lesson for lesson in LESSONS if not lesson.is_homework]


def squeezed(text):
    """The text with one space where it has several: HTML shows no other."""
    return " ".join(text.split())


def as_read(one):
    """An item as a platform should hold it."""
    options = [(squeezed(option.text), float(option.right), squeezed(option.feedback)) for option in one.options]
    return one.title, squeezed(one.question), options


# What is asked


def test_every_choice_and_every_prediction_of_the_lessons_is_there_with_its_right_option_and_a_reply_to_each():
    ids = [one.id for one in ITEMS]
    assert len(set(ids)) == len(ids)
    for lesson in TAUGHT:
        asked = [one for one in ITEMS if one.lesson == lesson.label]
        choices = [EXERCISES[id] for id in lesson.asks if isinstance(EXERCISES[id], Choice)]
        source = read_source(COURSE / "solutions" / f"{lesson.stem}.py", EXERCISES)
        assert [one.id for one in asked if not one.id.startswith("predict_")] == [choice.id for choice in choices]
        for one, choice in zip(asked[-len(choices) :] if choices else [], choices, strict=True):
            assert [option.right for option in one.options] == [letter in choice.right for letter in choice.options]
            assert one.points == choice.points
        predicted = [one for one in asked if one.id.startswith("predict_")]
        for one, (heading, prediction) in zip(predicted, source.predictions, strict=True):
            assert one.title.startswith(heading)
            assert [option.right for option in one.options] == [option.right for option in prediction.options]
    assert all(option.text and option.feedback for one in ITEMS for option in one.options)


@pytest.mark.parametrize("one", ITEMS, ids=lambda one: one.id)
def test_a_text_is_html_that_shows_its_formulas_and_none_of_its_markdown(one):
    for text in (one.question, *(t for option in one.options for t in (option.text, option.feedback))):
        root = ElementTree.fromstring(f"<div>{text}</div>")
        assert {element.tag for element in root.iter()} <= {"div", "p", "em", "strong", "code", "ul", "li"}
        for code in root.iter("code"):
            code.text = ""
        shown = "".join(root.itertext())
        formulas = re.findall(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", shown, re.DOTALL)
        words = re.sub(r"\\\(.*?\\\)|\\\[.*?\\\]", "", shown, flags=re.DOTALL)
        assert not re.search(r"[$`\\]|\*\*|\{\w+|\]\(|- \(a\)", words)
        assert all(formula[0] or formula[1] for formula in formulas)


def test_markdown_becomes_what_it_means():
    first, second = quiz.typeset("Is $a<b$ **so** for `x*y`, as in [02](02_sigmoid_tanh.ipynb)?\n\n$$z$$").split("\n")
    assert first == r"<p>Is \(a&lt;b\) <strong>so</strong> for <code>x*y</code>, as in 02?</p>"
    assert second == r"<p>\[z\]</p>"


def test_graded_homework_is_left_out_unless_it_is_asked_for_twice():
    assert {one.lesson for one in ITEMS} <= {lesson.label for lesson in TAUGHT}
    with pytest.raises(CourseError, match=r"09 Practice is graded.*--with-homework"):
        quiz.items(COURSE, EXERCISES, [PRACTICE])
    mine = quiz.items(COURSE, EXERCISES, [PRACTICE], homework=True)
    assert [one.id for one in mine] == [id for id in PRACTICE.exercises if isinstance(EXERCISES[id], Choice)]


def test_what_every_hand_out_draws_anew_is_in_no_file():
    (challenge,) = [lesson for lesson in LESSONS if lesson.is_homework and lesson is not PRACTICE]
    with pytest.raises(CourseError, match="ask no such question"):
        quiz.items(COURSE, EXERCISES, [challenge], homework=True)


# GIFT


def test_moodle_reads_every_question_of_the_gift_file_as_it_is_asked():
    read = moodle_gift(platforms.file(ITEMS, "gift").decode())
    assert [(title, asked, options) for _, title, asked, options in read] == [as_read(one) for one in ITEMS]
    assert [category for category, *_ in read] == [f"actlab/{one.lesson}" for one in ITEMS]


def test_another_parser_of_gift_reads_the_same():
    """All but questions with a brace: it takes an escaped } for the end of the answers."""
    without = [one for one in ITEMS if "}" not in platforms.gift([one]).decode().removesuffix("}\n")]
    assert len(without) > len(ITEMS) / 2

    def plain(text):
        return squeezed(re.sub(r"\\([\\~=#{}:])", r"\1", text))

    for asked, one in zip(parseFile(io.StringIO(platforms.file(without, "gift").decode())), without, strict=True):
        assert asked.valid and asked.markup == "html"
        answers = [(plain(a.answer), a.fraction / 100, plain(a.feedback)) for a in asked.answers.answers]
        assert (plain(asked.title), plain(asked.text), answers) == as_read(one)


texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1).filter(str.strip)
signs = [*"\\~=#{}:[/$%<>&é", "::", "[html]", "//", "&&058;", "->", "\\n", "\\\\", "]]>"]
texts |= st.lists(st.sampled_from(signs), min_size=1).map("".join)
marked = texts.map(lambda text: f"<p>{html.escape(text, quote=False)}</p>")
any_item = st.builds(
    Item,
    id=st.just("any"),
    lesson=st.just("02 Sigmoid and tanh"),
    title=st.just("any"),
    question=marked,
    options=st.lists(st.builds(Option, marked, marked, st.just(False)), min_size=1, max_size=7).map(
        lambda wrong: (*wrong, Option("<p>right</p>", "<p>yes</p>", True))
    ),
    points=st.just(1),
)


@settings(deadline=None)
@given(st.lists(any_item, min_size=1, max_size=3))
def test_whatever_a_text_holds_gift_brings_it_back(items):
    read = moodle_gift(platforms.file(items, "gift").decode())
    assert [(title, asked, options) for _, title, asked, options in read] == [as_read(one) for one in items]


# Moodle XML


def moodle_xml(items):
    """What a parser of Moodle's XML makes of the questions; HTML entities it has resolved."""
    return [
        (
            one.name,
            squeezed(one.text_pre_parse),
            [(squeezed(o.answer), o.score_fraction / 100, squeezed(o.feedback)) for o in one.options],
        )
        for one in parse_bytes(platforms.file(items, "moodle-xml"))["multichoice"]
        if one.single and one.answernumbering == "abc"
    ]


def resolved(read):
    """The same with its entities resolved."""
    title, asked, options = read
    plain = [(squeezed(html.unescape(text)), right, squeezed(html.unescape(told))) for text, right, told in options]
    return title, squeezed(html.unescape(asked)), plain


def test_a_parser_of_moodle_xml_reads_every_question():
    assert moodle_xml(ITEMS) == [resolved(as_read(one)) for one in ITEMS]


def test_moodle_finds_a_category_a_lesson_a_format_at_every_text_and_an_id_at_every_question():
    quiz = ElementTree.fromstring(platforms.file(ITEMS, "moodle-xml"))
    asked = [one for one in quiz if one.get("type") == "multichoice"]
    assert [one.findtext("idnumber") for one in asked] == [one.id for one in ITEMS]
    assert [one.findtext("category/text") for one in quiz if one.get("type") == "category"] == [
        f"$course$/actlab/{lesson}" for lesson in dict.fromkeys(one.lesson for one in ITEMS)
    ]
    formatted = ("questiontext", "answer", "answer/feedback")
    assert all(part.get("format") == "html" for one in asked for path in formatted for part in one.findall(path))


@settings(deadline=None)
@given(any_item)
def test_whatever_a_text_holds_moodle_xml_brings_it_back(one):
    root = ElementTree.fromstring(platforms.file([one], "moodle-xml"))
    assert root.findtext("question/questiontext/text") == one.question
    assert [a.findtext("text") for a in root.iter("answer")] == [option.text for option in one.options]
    assert [a.findtext("feedback/text") for a in root.iter("answer")] == [option.feedback for option in one.options]


# QTI

AGED = pytest.mark.filterwarnings("ignore:pyslet")
"""It warns of names of its own that are older than others of its own."""


def dtd():
    """The DTD of QTI 1.2.1, element by element, as pyslet quotes it from the specification."""
    quoted = "\n".join(file.read_text("utf-8") for file in files("pyslet.qtiv1").iterdir() if file.suffix == ".py")
    declared = {}
    for kind, name, rest in re.findall(r"<!(ELEMENT|ATTLIST)\s+(\w+)\s([^>]*)>", quoted):
        rest = rest.replace("%I_Title;", "title CDATA #IMPLIED").replace('#REQUIRED"', "#REQUIRED").replace("::", "")
        rest = re.sub(r"(?<=[?*)])\s+(?=[(\w])", ", ", rest)  # a sequence is quoted without its commas
        declared.setdefault((kind, name), f"<!{kind} {name} {rest}>")
    used = {element.tag.rpartition("}")[2] for root in assessments(ITEMS).values() for element in root.iter()}
    text = "\n".join(line for (_, name), line in declared.items() if name in used)
    return etree.DTD(io.StringIO(text)), used


def assessments(items):
    """Path in the zip -> root of each assessment that the manifest names."""
    with zipfile.ZipFile(io.BytesIO(platforms.file(items, "qti"))) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        resources = list(manifest.iter(f"{{{platforms.MANIFEST}}}resource"))
        assert all(resource.get("type") == "imsqti_xmlv1p2" for resource in resources)
        paths = [resource.get("href") for resource in resources]
        assert ["imsmanifest.xml", *paths] == archive.namelist()
        return {path: etree.fromstring(archive.read(path)) for path in paths}


def test_every_assessment_is_valid_by_the_specifications_dtd():
    rules, used = dtd()
    assert {element.name for element in rules.iterelements()} >= used
    for path, root in assessments(ITEMS).items():
        plain = etree.fromstring(etree.tostring(root).replace(platforms.QTI.encode(), b"").replace(b' xmlns=""', b""))
        assert rules.validate(plain), (path, rules.error_log)
        plain.find(".//respcondition").append(etree.Element("conditionvar"))
        assert not rules.validate(plain), "the order of elements is part of the rules"


def qti(root):
    """The items of an assessment, as pyslet reads it."""
    document = QTIDocument()
    document.read(src=etree.tostring(root, encoding="unicode"))
    (section,) = document.root.Assessment.SectionMixin
    return section.SectionItemMixin


def html_of(element):
    (text,) = element.find_children_depth_first(common.MatText)
    return text.get_value()


def read_of_qti(one):
    """An item as a platform should hold it, from what pyslet has read."""
    material = next(part for part in one.Presentation.get_children() if isinstance(part, common.Material))
    told = {feedback.ident: html_of(feedback) for feedback in one.ItemFeedback}
    shown, right = {}, set()
    for condition in one.find_children_depth_first(item.RespCondition):
        (letter,) = condition.find_children_depth_first(common.VarEqual)
        shown |= {letter.get_value(): told[feedback.linkRefID] for feedback in condition.DisplayFeedback}
        right |= {letter.get_value() for score in condition.SetVar if score.get_value() == "100"}
    options = [
        (squeezed(html_of(label)), float(label.ident in right), squeezed(shown[label.ident]))
        for label in one.find_children_depth_first(item.ResponseLabel)
    ]
    return one.title, squeezed(html_of(material)), options


@AGED
def test_a_parser_of_qti_reads_every_question():
    read = [one for root in assessments(ITEMS).values() for one in qti(root)]
    assert [read_of_qti(one) for one in read] == [as_read(one) for one in ITEMS]
    assert [one.ident for one in read] == [one.id for one in ITEMS]


@AGED
@settings(max_examples=20, deadline=None)
@given(any_item)
def test_whatever_a_text_holds_qti_brings_it_back(one):
    (root,) = assessments([one]).values()
    assert [read_of_qti(found) for found in qti(root)] == [as_read(one)]


# The command


@pytest.mark.parametrize("form", platforms.ENDINGS)
def test_the_command_writes_a_file_and_says_what_is_in_it(tmp_path, form):
    out = tmp_path / "class" / "quiz"
    said = CliRunner().invoke(cli.main, ["quiz", "02", "--format", form, "--out", str(out)])
    assert said.exit_code == 0, said.output
    mine = quiz.items(COURSE, EXERCISES, [lesson_number(2)])
    assert out.read_bytes() == platforms.file(mine, form)
    assert f"Wrote {len(mine)} questions" in said.output


def test_homework_named_without_its_flag_is_refused_in_a_sentence(tmp_path):
    said = CliRunner().invoke(cli.main, ["quiz", "09", "--format", "gift", "--out", str(tmp_path / "q.txt")])
    assert (said.exit_code, said.output.count("\n")) == (1, 1)
    assert "--with-homework" in said.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see [5.2](05_softmax.ipynb) and [the guide](docs/teaching.md#plan)", "see 5.2 and the guide"),
        ("[above](#here) [code](https://example.org/a.html)", "above [code](https://example.org/a.html)"),
        ("`f[i](x)` and $w[0](t)$", "`f[i](x)` and $w[0](t)$"),
        ('<a class="x" href="02_sigmoid_tanh.html">two</a>', "two"),
        ("![a picture](a.html)", "![a picture](a.html)"),
    ],
)
def test_a_link_within_the_course_becomes_its_words_and_nothing_else_changes(text, left):
    assert executed.with_links(text, lambda target: False) == left
    assert executed.with_links(text, lambda target: True) == text

"""Questions as files that learning platforms import: GIFT and Moodle XML for Moodle, QTI for Canvas and others.

QTI is version 1.2, the one that Canvas's importer, Blackboard and Brightspace all read; each lesson is an assessment
in a zip with its manifest. It has the feedback of each option, and Canvas's own name for the kind of question.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from actlab.publish.quiz import Item, Option

Format = Literal["gift", "moodle-xml", "qti"]
ENDINGS: dict[Format, str] = {"gift": ".txt", "moodle-xml": ".xml", "qti": ".zip"}
CATEGORY = "actlab"
"""Above the categories of the lessons."""

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
MANIFEST = "http://www.imsglobal.org/xsd/imscp_v1p1"

_GIFT_MARKS = re.compile(r"([\\~=#{}:])")


def file(items: list[Item], form: Format) -> bytes:
    """The questions as one file."""
    written: dict[Format, Callable[[list[Item]], bytes]] = {"gift": gift, "moodle-xml": moodle, "qti": qti}
    return written[form](items)


def gift(items: list[Item]) -> bytes:
    """A text in GIFT, one category a lesson, texts in HTML."""
    blocks = []
    for lesson, asked in groupby(items, lambda item: item.lesson):
        blocks.append(f"$CATEGORY: {_category(lesson)}")
        blocks += map(_gift_item, asked)
    return ("\n\n".join(blocks) + "\n").encode()


def _gift_item(item: Item) -> str:
    options = "\n".join(f"\t{'=' if one.right else '~'}{_gift(one.text)}#{_gift(one.feedback)}" for one in item.options)
    return f"::{_gift(item.title)}::[html]{_gift(item.question)}{{\n{options}\n}}"


def _gift(text: str) -> str:
    """A text as it stands in GIFT, on one line: an empty one would end the question."""
    return _GIFT_MARKS.sub(r"\\\1", " ".join(text.split()))


def moodle(items: list[Item]) -> bytes:
    """Moodle's XML, one category a lesson."""
    quiz = Element("quiz")
    for lesson, asked in groupby(items, lambda item: item.lesson):
        category = SubElement(SubElement(quiz, "question", type="category"), "category")
        SubElement(category, "text").text = f"$course$/{_category(lesson)}"
        for item in asked:
            question = SubElement(quiz, "question", type="multichoice")
            SubElement(SubElement(question, "name"), "text").text = item.title
            _html(question, "questiontext", item.question)
            for name, value in (
                ("defaultgrade", str(item.points)),
                ("single", "true"),
                ("shuffleanswers", "true"),
                ("answernumbering", "abc"),
                ("idnumber", item.id),
            ):
                SubElement(question, name).text = value
            for one in item.options:
                answer = _html(question, "answer", one.text, fraction="100" if one.right else "0")
                _html(answer, "feedback", one.feedback)
    return _written(quiz)


def _html(parent: Element, name: str, text: str, **attributes: str) -> Element:
    element = SubElement(parent, name, {"format": "html", **attributes})
    SubElement(element, "text").text = text
    return element


def _category(lesson: str) -> str:
    return f"{CATEGORY}/{lesson.replace('/', '//')}"


def qti(items: list[Item]) -> bytes:
    """A zip in QTI 1.2: the manifest, and one assessment a lesson."""
    manifest = Element("manifest", identifier="actlab_quiz", xmlns=MANIFEST)
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    files = {}
    for lesson, asked in groupby(items, lambda item: item.lesson):
        name = "lesson_" + "_".join(re.findall(r"[a-z0-9]+", lesson.lower()))
        path = f"{name}/{name}.xml"
        resource = SubElement(resources, "resource", identifier=name, type="imsqti_xmlv1p2", href=path)
        SubElement(resource, "file", href=path)
        files[path] = _assessment(name, lesson, asked)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in [("imsmanifest.xml", _written(manifest)), *files.items()]:
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _assessment(name: str, lesson: str, items: Iterator[Item]) -> bytes:
    root = Element("questestinterop", xmlns=QTI)
    section = SubElement(SubElement(root, "assessment", ident=name, title=lesson), "section", ident="root_section")
    for item in items:
        element = SubElement(section, "item", ident=item.id, title=item.title)
        fields = SubElement(SubElement(element, "itemmetadata"), "qtimetadata")
        for label, entry in (("question_type", "multiple_choice_question"), ("points_possible", str(item.points))):
            one = SubElement(fields, "qtimetadatafield")
            SubElement(one, "fieldlabel").text, SubElement(one, "fieldentry").text = label, entry
        lettered = list(zip("abcdefgh", item.options, strict=False))
        _presented(element, item.question, lettered)
        _judged(element, lettered)
        for letter, option in lettered:
            feedback = SubElement(element, "itemfeedback", ident=f"{letter}_fb")
            _material(SubElement(feedback, "flow_mat"), option.feedback)
    return _written(root)


def _presented(item: Element, question: str, lettered: list[tuple[str, Option]]) -> None:
    presentation = SubElement(item, "presentation")
    _material(presentation, question)
    response = SubElement(presentation, "response_lid", ident="response1", rcardinality="Single")
    choice = SubElement(response, "render_choice")
    for letter, option in lettered:
        _material(SubElement(choice, "response_label", ident=letter), option.text)


def _judged(item: Element, lettered: list[tuple[str, Option]]) -> None:
    """First what each option is told, then which of them earns the points."""
    processing = SubElement(item, "resprocessing")
    outcomes = SubElement(processing, "outcomes")
    SubElement(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    for letter, _ in lettered:
        condition = _condition(processing, letter, "Yes")
        SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{letter}_fb")
    for letter, option in lettered:
        if option.right:
            SubElement(_condition(processing, letter, "No"), "setvar", action="Set", varname="SCORE").text = "100"


def _condition(processing: Element, letter: str, goes_on: str) -> Element:
    condition = SubElement(processing, "respcondition", {"continue": goes_on})
    SubElement(SubElement(condition, "conditionvar"), "varequal", respident="response1").text = letter
    return condition


def _material(parent: Element, html: str) -> None:
    SubElement(SubElement(parent, "material"), "mattext", texttype="text/html").text = html


def _written(root: Element) -> bytes:
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)

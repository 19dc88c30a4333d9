"""The page on which written answers are scored: what it shows, what it hides, and the file that it saves."""

import csv
import json
import random
import re
from pathlib import Path

import pytest
from bench.stage import reload
from hypothesis import given, settings
from hypothesis import strategies as st
from offline import ground, opened, violations

from actlab import look
from actlab.course import HOMEWORKS, PRACTICE
from actlab.exercises import lesson
from actlab.grading import adjust, feedback, rubrics, typeset, workspace
from actlab.grading.adjust import Adjustments, Change, What
from actlab.grading.gradebook import Grade
from actlab.grading.standing import Rules, of_class
from actlab.grading.typeset import mathml
from actlab.grading.workspace import FILE
from actlab.sheets import guarded, unguarded

DOCS = Path(__file__).parents[1] / "docs"
ASKED = list(lesson(PRACTICE.number))
FORMULA = r"At most $\sigma'(z) \le \frac14$ comes through, **always**."
HOSTILE = {
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a script in a formula": r"$\text{<script>alert(1)</script>}$ $$<img src=x onerror=alert(1)>$$",
    "entities in a formula": r"$\text{&#x3C;script&#x3E;alert(1)&#x3C;/script&#x3E;}$",
    "a link that runs": "[see](javascript:alert(1)) <javascript:alert(1)> [see](data:text/html;base64,aGk=)",
    "a link": "[see](https://example.com/x 'title') <https://example.com> ![seen](https://example.com/y.png)",
    "a link in a formula": r"$\href{javascript:alert(1)}{x}$ $\class{bar}{x}$ $\style{position:fixed}{x}$",
    "a macro that doubles": "$" + "".join(rf"\def\a{'b' * k}{{\a{'b' * (k - 1)}\a}}" for k in range(1, 40)) + r"\abbb$",
    "a macro that calls itself": r"$\def\a{\a\a}\a$ $$\newcommand{\b}{\b\b}\b$$",
    "an environment in itself": r"$\newenvironment{c}{\begin{c}}{}\begin{c}x$",
    "twenty thousand dollars": "$" * 20_000,
    "braces": "$" + "{" * 499 + "}" * 499 + "$",
    "brackets": "[" * 5_999,
    "quotes": "> " * 2_999,
    "lists": "- " * 2_999,
    "stars": "*a _b" * 1_199,
    "a table": "|a" * 400 + "\n" + "|-" * 400 + "\n" + "|\n" * 2_000,
    "a picture that is wide": r"$\hspace{9999em}\rule{999em}{999em}x$",
    "what ends the data": "</script><!-- <script> ]]>",
    "no characters": "\x00\ud800\u202e\ufeff",
}
PIECES = (
    r"$ $$ \frac \def\a{\a\a} \begin{matrix} \end{matrix} \left \right ^ _ { } [a](b) ![a](b) > - ``` | & \\ \text{<b>}"
)
MARKDOWN = st.one_of(
    st.text(st.sampled_from([*"$*_`[]()!<>#|\\{}&^~-+ \n\t1a", "é", "💬", "\x00", "\u202e"]), max_size=300),
    st.lists(st.sampled_from([*PIECES.split(), "\n", "\n\n", " ", r"\href{x}{y}", "<a href=x>"]), max_size=60).map(
        "".join
    ),
)
ELEMENT = re.compile(
    "p|br|strong|em|code|pre|ul|ol|li|blockquote|hr|table|thead|tbody|tr|th|td|span|div|math|mfrac|mi|mn|mo|mover|mpadded"
    "|mphantom|mroot|mrow|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder|munderover"
)
ATTRIBUTE = re.compile(r"<[^>]*\s(?:on\w+|href|src|id)=")
FORMULAS = [
    r"\prod_{l=1}^{L} 0.25\,\lVert W_l\rVert_2",
    r"\begin{aligned}a&=b\\c&=d\end{aligned}",
    r"\mathbb{E}[f'^2]",
    r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
    r"\begin{cases}z&z>0\\0&\text{else}\end{cases}",
    r"\hat y \in \mathbb{R}^n",
    r"\frac{\partial L}{\partial w} = \delta h_i",
    r"\operatorname{softmax}(z)_i",
    r"z\,\Phi(z)",
    r"\sqrt{2/n}",
]


def graded(student, *written, unplaced=(), name=""):
    answers = [*written, *[""] * (5 - len(written))]
    return Grade(student, "x", "graded", 0, 100, written=answers, unplaced=list(unplaced), name=name)


def given_to(student, item, points, comment="", reason=""):
    what, value = (What.POINTS, float(points)) if points else (What.COMMENT, None)
    return Change(student, item, what, points, comment, reason, value=value)


def out_of(most, item):
    return Change("*", item, What.OF, f"of {most}", value=float(most))


def page(grades, *changes):
    rules = Rules(ASKED, Adjustments(changes))
    return workspace.page(of_class(grades, rules), rules)


def data(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def body(html):
    """The page without its scripts: what is seen before anything is pressed."""
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def names_of(html):
    return [re.sub("<.*?>", "", name) for name in re.findall(r"<h3.*?</h3>", html)]


def strange(html):
    """Elements and attributes that no text may bring about."""
    elements = {name for name in re.findall(r"<(\w+)", html) if not ELEMENT.fullmatch(name)}
    return elements | {*ATTRIBUTE.findall(html)}


# --- what a text becomes ---------------------------------------------------------------------------------------------


def test_markdown_and_formulas_are_set():
    html = typeset.typeset(FORMULA)
    assert "<strong>always</strong>" in html and "<mfrac><mn>1</mn><mn>4</mn></mfrac>" in html and "$" not in html


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_of_this_course_are_set(formula):
    assert mathml(formula).startswith("<math>") and "&amp;" not in mathml(formula)


def test_a_price_is_no_formula():
    assert "<math" not in typeset.typeset("It costs $5 here and $6 there.")


@pytest.mark.parametrize("formula", [r"\frac", r"\cancel{x}", r"\def\a{x}\a", "x" * 1_001, r"\left(", "{" * 900])
def test_a_formula_that_cannot_be_set_stands_as_it_was_written(formula):
    assert mathml(formula) == f"<code>${formula}$</code>"


def test_links_and_pictures_are_words():
    html = typeset.typeset(HOSTILE["a link"])
    assert (
        "see (https://example.com/x)" in html and "[picture: seen]" in html and "https://example.com/y.png" not in html
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_runs_nothing_loads_nothing_and_stays_small(text):
    html = page([graded("ann", text)])
    assert not strange(typeset.typeset(text))
    assert len(typeset.typeset(text)) <= typeset.LARGEST
    assert html.count("</script>") == 2 and len(data(html)["cards"]) == 5


@settings(deadline=2_000, max_examples=300)
@given(MARKDOWN)
def test_whatever_is_written_becomes_html_of_few_kinds(text):
    assert not strange(typeset.typeset(text))


# --- what the page shows ---------------------------------------------------------------------------------------------


def test_each_question_stands_once_with_its_own_words():
    html = page([graded(f"s{k}", f"answer {k}") for k in range(9)])
    for question in PRACTICE.questions:
        assert html.count(f"{question.heading}</h2>") == 1
        assert html.count(typeset.typeset(question.written).strip()) == 1


def test_equal_answers_are_one_card_whatever_their_blanks_and_capitals():
    html = page([graded("ann", "It is  dead."), graded("ben", "it is\ndead. "), graded("eve", "It lives.")])
    first = [card for card in data(html)["cards"] if card["question"] == 0]
    assert sorted(len(card["students"]) for card in first) == [1, 2]
    assert body(html).count("2 students wrote this") == 1


def test_who_wrote_nothing_is_one_card_at_the_end_of_each_question():
    html = page([graded("ann", "a"), graded("ben", " \n"), graded("eve")])
    assert names_of(html)[:2] == ["Answer 1", "2 wrote nothing"]
    assert [card["empty"] for card in data(html)["cards"]][:2] == [False, True]


def test_who_handed_in_no_notebook_is_not_there():
    html = page([Grade("ann", "x", "missing", 0, 100)])
    assert not data(html)["cards"] and not data(html)["students"]


def test_nothing_that_is_seen_says_whose_an_answer_is():
    students = [graded(f"student{k}", f"answer {k}", unplaced=[f"loose {k}"], name=f"Name {k}") for k in range(30)]
    html = body(page(students))
    assert not re.search(r"student\d|Name \d", html)


def test_the_order_differs_by_question_and_stays_when_a_class_grows():
    texts = [f"answer {k}" for k in range(30)]
    students = [graded(f"s{k:02}", *[text] * 5) for k, text in enumerate(texts)]
    orders = [re.findall(r"answer \d+", part) for part in body(page(students)).split("</section>")[:5]]
    assert all(sorted(order) == sorted(texts) for order in orders)
    assert len({*map(tuple, [*orders, texts])}) == 6
    shuffled = random.Random(0).sample(students, 30)
    again = re.findall(r"answer \d+", body(page([*shuffled, graded("new", "late")])).split("</section>")[0])
    assert again == orders[0]


def test_what_belongs_to_no_question_may_answer_those_that_are_left_empty():
    html = page([graded("ann", "one", "", "three", unplaced=["two?"])])
    assert data(html)["cards"][-1] | {"key": ""} == {
        "key": "",
        "question": -1,
        "empty": False,
        "open": [1, 3, 4],
        "students": [0],
        "given": [None],
    }
    assert "Not placed" in html and "Not placed" not in page([graded("ann", "one")])


def test_points_in_force_go_to_their_cards_and_the_others_are_kept():
    force = [
        out_of(10, "written_1"),
        given_to("ann", "written_1", "3.0", "good", "read twice"),
        given_to("ann", "written_2", "1"),
        given_to("gone", "written_5", "2"),
        given_to("ann", "gelu", "4"),
    ]
    found = data(page([graded("ann", "one", unplaced=["two"])], *force))
    assert found["cards"][0]["given"] == [[3, "good", "read twice", "3.0"]]
    assert found["cards"][-1]["given"] == [[1, "", "", "1"]] and found["cards"][-1]["open"][0] == 1
    assert found["kept"] == [["gone", "written_5", "2", "", ""]]
    assert [question["most"] for question in found["questions"]] == [10, 5, 5, 5, 5]


def test_only_the_page_s_own_script_may_run():
    html = page([graded("ann", "one")])
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', html)[1]
    assert re.fullmatch(r"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[\w+/=]{44}'", policy)
    rules = Rules(ASKED)
    assert "script-src" not in feedback.feedback(of_class([graded("ann")], rules)[0], rules)


@pytest.mark.parametrize("homework", HOMEWORKS, ids=lambda homework: homework.name)
def test_each_rubric_gives_five_points_and_stands_in_the_documents(homework):
    for question in homework.questions:
        credits = rubrics.rubric(homework, question.number)
        assert 3 <= len(credits) <= 5 and sum(credit.points for credit in credits) == 5
        assert all(credit.says.startswith(("says ", "names ", "quotes ", "places ", "decides ")) for credit in credits)
    file = "grading.md" if homework is PRACTICE else "challenge.md"
    shown = (DOCS / file).read_text("utf-8").partition("<!-- rubrics -->\n")[2].partition("\n<!-- /rubrics -->")[0]
    assert shown == rubrics.table(homework), f"docs/{file}: between the marks belongs\n{rubrics.table(homework)}"


# --- in a browser ----------------------------------------------------------------------------------------------------

CLASS = [
    graded("=1+1", FORMULA, "It is dead.", "smooth", "shares", "signs"),
    graded("a,b", "The slopes vanish.", "it is  dead.", "dips", "compete", "zig-zag"),
    graded("cy", "", "", unplaced=["The mean of a gate."]),
    graded("di", "", "Weights receive nothing. " * 60, "gated", r"$$\sum_j s_j = 1$$", "same sign"),
    graded("ef", HOSTILE["a script"], "A leak helps.", r"$z\,\Phi(z)$", "1/n each", "| a | b |\n|--|--|\n| 1 | 2 |"),
]
COMMENT = '=1+1, "so"\nhe says;-4 n'
DOWNLOADS = "delete window.showSaveFilePicker"
"""As in browsers that cannot write into a file that somebody chose."""


def put(folder):
    """Write the page of the class into a folder, with what lies there in force."""
    file = folder / "written.html"
    rules = Rules(ASKED, adjust.read(folder, ASKED))
    file.write_text(workspace.page(of_class(CLASS, rules), rules), encoding="utf-8")
    return file.as_uri()


def adjusted(folder, *lines):
    (folder / FILE).write_text("\n".join(["student,item,points,comment,reason", *lines]), encoding="utf-8")


def saved(seen, folder, press=True):
    """The rows of the file that a page saves."""
    with seen.page.expect_download() as download:
        seen.page.keyboard.press("Control+s") if press else seen.page.get_by_role("button", name="Save").click()
    assert download.value.suggested_filename == FILE
    download.value.save_as(folder / FILE)
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def shut(chromium):
    """A way to open a page that only downloads, and does not ask before it is left."""

    def opening(address, **options):
        return opened(chromium, address, accept_downloads=True, **options)

    return opening


def test_ten_answers_are_scored_by_keyboard_alone_and_read_back(shut, tmp_path):
    address = put(tmp_path)
    with shut(address) as seen:
        page, keys = seen.page, seen.page.keyboard
        page.evaluate(DOWNLOADS)
        order = [card for card in data((tmp_path / "written.html").read_text("utf-8"))["cards"] if not card["empty"]]
        for points in range(8):
            keys.press("n")
            keys.press(f"{points % 6}")
        keys.press("n")
        keys.press("Shift+Digit1")
        keys.press("Shift+Digit2")
        keys.press("c")
        keys.type(COMMENT)
        keys.press("Escape")
        keys.press("n")
        keys.press("3")
        keys.press("Delete")
        keys.press("4")
        assert page.locator("#progress").text_content() == f"10 of {len(order)} scored, not saved"
        rows = saved(seen, tmp_path)
        assert page.locator("#progress").text_content() == f"10 of {len(order)} scored"
        assert not seen.faults
    ids = [guarded(one.student) for one in sorted(CLASS, key=lambda one: one.student)]
    credits = rubrics.rubric(PRACTICE, order[8]["question"] + 1)
    ninth = (f"{credits[0].points + credits[1].points}", "'" + COMMENT.replace("-", "'-"))
    marks = [(f"{points % 6}", "") for points in range(8)] + [ninth, ("4", "")]
    expected = [
        {
            "student": ids[at],
            "item": f"written_{card['question'] + 1}",
            "points": mark[0],
            "comment": mark[1],
            "reason": "",
        }
        for card, mark in zip(order, marks, strict=False)
        for at in card["students"]
    ]
    questions = sorted({row["item"] for row in expected})
    assert rows[: len(questions)] == [
        {"student": "*", "item": item, "points": "of 5", "comment": "", "reason": ""} for item in questions
    ]
    assert sorted(map(str, rows[len(questions) :])) == sorted(map(str, expected))
    rules = Rules(ASKED, adjust.read(tmp_path, ASKED))
    standings = {one.student: one for one in of_class(CLASS, rules)}
    for row in expected:
        mark = standings[row["student"].removeprefix("'")].items[row["item"]]
        assert (mark.points, mark.most, "".join(mark.comments)) == (
            float(row["points"]),
            5,
            unguarded(row["comment"]),
        )


def test_the_mouse_does_the_same(shut, tmp_path):
    with shut(put(tmp_path)) as seen:
        page = seen.page
        page.evaluate(DOWNLOADS)
        first = page.locator(".card").first
        first.get_by_role("button", name="not scored").click()
        page.get_by_role("spinbutton", name="Points for a full answer").first.fill("10")
        first.get_by_role("checkbox").first.check()
        assert first.locator(".score").text_content() == "4 of 10"
        first.get_by_role("spinbutton", name="Points").fill("4.5")
        first.get_by_role("textbox", name="Comment for the student").fill("nearly")
        rows = saved(seen, tmp_path, press=False)
    assert rows[0]["points"] == "of 10" and (rows[1]["points"], rows[1]["comment"]) == ("4.5", "nearly")


@pytest.mark.parametrize(("fault", "leaves"), [("AbortError", ", not saved"), ("SecurityError", None)])
def test_where_no_file_can_be_written_it_is_downloaded_unless_that_was_called_off(shut, tmp_path, fault, leaves):
    with shut(put(tmp_path)) as seen:
        page = seen.page
        page.evaluate(f"() => {{ window.showSaveFilePicker = () => {{ throw new DOMException('', '{fault}'); }}; }}")
        page.keyboard.press("n")
        page.keyboard.press("3")
        if leaves is None:
            assert saved(seen, tmp_path)[0]["points"] == "of 5"
        else:
            page.keyboard.press("Control+s")
            assert page.locator("#progress").text_content().endswith(leaves)


def test_a_text_that_was_not_placed_counts_for_the_question_that_is_chosen(shut, tmp_path):
    with shut(put(tmp_path)) as seen:
        page = seen.page
        page.evaluate(DOWNLOADS)
        card = page.locator(".card").last
        card.locator("h3").click()
        page.keyboard.press("3")
        assert card.locator(".score").text_content() == "3, for which question?"
        card.get_by_role("combobox", name="It answers").select_option("question 3")
        empty = page.locator("section").nth(2).locator(".card").last
        empty.locator("h3").click()
        page.keyboard.press("0")
        rows = saved(seen, tmp_path)
    assert [(row["student"], row["item"], row["points"]) for row in rows] == [
        ("*", "written_3", "of 5"),
        ("cy", "written_3", "3"),
    ]


def test_what_is_in_force_is_there_and_is_kept_when_saved_again(shut, tmp_path):
    adjusted(
        tmp_path,
        "*,written_1,of 8,,",
        "*,written_2,of 5,,",
        "'=1+1,written_1,full,good,read twice",
        '"\'=1+1",written_2,"1,5",,',
        '"a,b",written_2,2,better,',
        'di,written_4,,"\'-1, or 1?",',
        'gone,written_1,2.5,"a ""word"", =x",',
        "*,written_4,of 3,,",
    )
    with shut(put(tmp_path)) as seen:
        page = seen.page
        page.evaluate(DOWNLOADS)
        shown = sorted(page.locator(".done .score").all_text_contents())
        assert shown == ["8 of 8", "scored one by one"]
        rows = saved(seen, tmp_path)
        together = page.locator(".card", has_text="2 students wrote this")
        together.locator("h3").click()
        assert "different points" in together.locator(".remark").text_content()
        page.keyboard.press("5")
        after = saved(seen, tmp_path)
    kept = {(row["student"], row["item"]): (row["points"], row["comment"], row["reason"]) for row in rows}
    assert kept == {
        ("*", "written_1"): ("of 8", "", ""),
        ("*", "written_2"): ("of 5", "", ""),
        ("*", "written_4"): ("of 3", "", ""),
        ("'=1+1", "written_1"): ("full", "good", "read twice"),
        ("'=1+1", "written_2"): ("1,5", "", ""),
        ("a,b", "written_2"): ("2", "better", ""),
        ("di", "written_4"): ("", "'-1, or 1?", ""),
        ("gone", "written_1"): ("2.5", 'a "word", =x', ""),
    }
    assert [row["points"] for row in after if row["item"] == "written_2"] == ["of 5", "5", "5"]


def test_a_draft_comes_back_until_it_is_in_force(shut, tmp_path):
    address = put(tmp_path)
    with shut(address) as seen:
        page = seen.page
        page.on("dialog", lambda dialog: dialog.accept())
        page.keyboard.press("n")
        page.keyboard.press("3")
        scored = page.locator(".done").get_attribute("id")
        reload(page)
        assert (
            page.locator("#restored span").text_content() == "Restored from your last visit: 1 answer, not saved yet."
        )
        assert page.locator(".done").get_attribute("id") == scored
        page.evaluate(DOWNLOADS)
        saved(seen, tmp_path)
        reload(page)
        assert "saved in an adjust_written.csv that no run has read yet" in page.locator("#restored").text_content()
        put(tmp_path)
        reload(page)
        assert page.locator("#restored").is_hidden()
        assert page.locator(".done .score").text_content() == "3 of 5"
        page.keyboard.press("n")
        page.keyboard.press("1")
        reload(page)
        page.get_by_role("button", name="Forget them").click()
        assert page.locator(".done").count() == 1


def test_a_page_that_is_not_saved_asks_before_it_is_left(shut, tmp_path):
    with shut(put(tmp_path)) as seen:
        page, asked = seen.page, []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        reload(page)
        assert asked == []
        page.keyboard.press("n")
        page.keyboard.press("3")
        reload(page)
        assert asked == ["beforeunload"]


def test_a_number_that_no_answer_can_have_is_not_taken(shut, tmp_path):
    with shut(put(tmp_path)) as seen:
        page = seen.page
        page.keyboard.press("n")
        page.keyboard.press("9")
        assert page.locator(".done").count() == 0
        assert page.locator("#said").text_content() == "A full answer has 5."
        page.keyboard.press("4")
        page.get_by_role("spinbutton", name="Points", exact=True).fill("7")
        assert page.locator(".remark").text_content() == "A number from 0 to 5."
        assert page.locator(".done .score").text_content() == "4 of 5"
        page.get_by_role("spinbutton", name="Points for a full answer").first.fill("3")
        page.get_by_role("spinbutton", name="Points for a full answer").nth(1).fill("3")
        page.evaluate(DOWNLOADS)
        assert page.locator(".done").count() == 0
        assert saved(seen, tmp_path) == []


def test_names_show_when_somebody_asks_for_them(shut, tmp_path):
    with shut(put(tmp_path)) as seen:
        page = seen.page
        assert not page.get_by_text("a,b", exact=False).filter(visible=True).count()
        page.get_by_role("button", name="Show names").click()
        assert page.get_by_text("=1+1, a,b").first.is_visible()
        page.get_by_role("button", name="Show names").click()
        assert not page.get_by_text("=1+1, a,b").first.is_visible()


def test_long_answers_open_and_keys_are_listed_and_can_be_switched_off(shut, tmp_path):
    with shut(put(tmp_path)) as seen:
        page = seen.page
        more = page.get_by_role("button", name="More")
        height = page.locator(".long").bounding_box()["height"]
        more.click()
        assert page.locator(".long").bounding_box()["height"] > height
        page.keyboard.press("x")
        assert page.locator(".long").bounding_box()["height"] == height
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        dialog.get_by_role("checkbox").uncheck()
        dialog.get_by_role("button", name="Close").click()
        page.keyboard.press("4")
        assert page.locator(".done").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_can_be_read_by_everybody_at_any_width(shut, tmp_path, width, scheme):
    with shut(put(tmp_path), width=width, color_scheme=scheme) as seen:
        page = seen.page
        for key in ("n", "3", "n", "Shift+Digit1"):
            page.keyboard.press(key)
        page.get_by_role("button", name="Show names").click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert ground(page) == (look.DARK if scheme == "dark" else look.LIGHT).paper
        assert violations(page, []) == []
        page.keyboard.press("?")
        assert violations(page, []) == []
        assert not seen.faults

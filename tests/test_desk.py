"""The class report as an instructor works with it: in a browser, from a file, by mouse or by keyboard alone."""

import json
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import classroom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offline import opened, violations

from actlab.course import PRACTICE
from actlab.exercises import Status, lesson
from actlab.grading import adjust, causes, forget, gradebook, reports, witness
from actlab.grading.desk import Around, class_page
from actlab.grading.gradebook import Grade, Gradebook
from actlab.grading.items import FEW, items
from actlab.grading.notes import RANK, Cause, Note, cause_of
from actlab.grading.outcome import Event, Remark
from actlab.grading.past import Changes, History
from actlab.grading.run import Order, Progress, grade, report
from actlab.grading.standing import Rules, of_class, stand
from actlab.grading.submissions import STATUSES
from actlab.roster import Person, Roster

ASKED = lesson(PRACTICE.number)
RULES = Rules(ASKED)
LONG = "x" * 100
ODD = ("ana", "a/b", "ä #1?", "<script>alert(1)</script>", LONG)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rows", "at", "moved"]), inner),
    max_leaves=6,
)


def row(student, *right, status="graded", **more):
    """A row with the first exercises right (1) or wrong (0), all others not attempted."""
    told = [Status.RIGHT if one else Status.WRONG for one in right]
    told += [Status.NOT_ATTEMPTED] * (len(ASKED) - len(told))
    results = [e.result(s, e.scores() if s is Status.RIGHT else ()) for e, s in zip(ASKED, told, strict=True)]
    results = [replace(one, cause="It looks like `z + 1`.") if one.status is Status.WRONG else one for one in results]
    if status != "graded":
        results = []
    return Grade(student, "x", status, sum(r.points for r in results), 100, "Why." * (not results), results, **more)


def page(rows, rules=RULES, roster=None, **around):
    return class_page(of_class(rows, rules, roster), rules, Around(**around))


def part(page, id):
    """A section of the page."""
    return page.partition(f'<h2 id="{id}">')[2].partition("<h2")[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The reports of a class of everything: odd ids, names, sections, late ones, adjusted ones, absent ones."""
    out = tmp_path_factory.mktemp("grades")
    notes = [Note("3 notebooks: “a” counts.", Cause.SEVERAL)]
    rows = [row(student, *[1] * k, 0, notes=notes, when=f"2026-12-0{k + 1}T10:00:00") for k, student in enumerate(ODD)]
    rows += [row("s9", 1), row("s10", 1, 1, 1, 1, 1, 1), row("s2", status="missing"), row("s3", status="unreadable")]
    people = [Person(one.student, f"Name of {one.student[:9]}", section="AB"[k % 2]) for k, one in enumerate(rows)]
    roster = Roster((*people, Person("zoe", "Zoë Absent", section="B")))
    (out / "adjust.csv").write_text(
        "student,item,points,comment,reason\nana,total,55,,oral\ns9,bonus,2,,\n*,late,10 %,,\n"
        + "".join(f"s{k},written_1,3,,\n" for k in range(20, 240))
        + "*,written_1,of 5,,\n"
    )
    (out / "explain").mkdir()
    (out / "explain" / "ana.html").touch()
    rules = Rules(ASKED, adjust.read(out, ASKED), datetime(2026, 12, 3), datetime(2026, 12, 9))
    reports.write(out, of_class(rows, rules, roster), rules, ["“roster.csv”"], ["gone1"], ["left1"])
    return out


@pytest.fixture
def desk(chromium, folder):
    """desk(**context): the report in Chromium, from a file, with the network off."""

    @contextmanager
    def desk(**context):
        with opened(chromium, (folder / "report.html").as_uri(), **context) as seen:
            yield seen.page
            assert seen.faults == []

    return desk


def shown(desk, column=0):
    """The cells of a column, of the rows that are shown."""
    rows = desk.locator("#all tbody tr:visible")
    return rows.evaluate_all("(rows, k) => rows.map((row) => row.cells[k].textContent.trim())", column)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_any_screen_and_everybody_can_use_it(desk, width, scheme):
    with desk(width=width, color_scheme=scheme) as seen:
        assert violations(seen, []) == []
        seen.locator("summary").evaluate_all("all => all.forEach((one) => one.parentElement.open = true)")
        assert seen.evaluate("document.documentElement.scrollWidth") == width
        assert violations(seen, []) == []


def test_columns_are_sorted_by_keyboard_alone_and_blanks_stay_last(desk):
    with desk() as seen:
        head = seen.get_by_role("columnheader", name="score")
        seen.get_by_role("button", name="score", exact=True).focus()
        seen.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        rising = shown(seen, 4)
        numbers = [float(one) for one in rising if one]
        assert numbers == sorted(numbers) and len(set(numbers)) > 4 and rising[-3:] == [""] * 3
        seen.keyboard.press("Space")
        assert head.get_attribute("aria-sort") == "descending"
        falling = shown(seen, 4)
        assert [float(one) for one in falling if one] == numbers[::-1] and falling[-3:] == [""] * 3
        seen.get_by_role("button", name="student", exact=True).press("Enter")
        ids = shown(seen)
        assert head.get_attribute("aria-sort") == "none" and ids.index("s9") < ids.index("s10") < ids.index("zoe")


def test_every_column_of_every_table_can_be_sorted(desk):
    with desk() as seen:
        for table in seen.locator("table.sorts").all():
            table.evaluate(
                "one => { for (let up = one; (up = up.parentElement.closest('details')); ) up.open = true; }"
            )
            for head in table.locator("thead th").all():
                before = head.get_attribute("aria-sort")
                head.get_by_role("button").click()
                assert head.get_attribute("aria-sort") == ("descending" if before == "ascending" else "ascending")
        hardest = seen.get_by_role("region", name="Items").locator("tbody th code").all_text_contents()
        assert len(hardest) == len(ASKED)


def test_students_are_found_by_id_name_section_and_status_by_keyboard_alone(desk):
    with desk() as seen:
        seen.get_by_label("Find").focus()
        for text, found in (("zoe abs", ["zoe"]), ("S10", ["s10"]), ("graded", []), ("", None)):
            seen.keyboard.press("Control+a")
            seen.keyboard.press("Delete")
            seen.keyboard.type(text)
            assert found is None or shown(seen) == found
            assert seen.get_by_role("status").text_content() == f"{len(shown(seen))} of 10 shown."
        seen.keyboard.press("Tab")
        seen.keyboard.type("unreadable")
        assert shown(seen) == ["s3"]
        seen.keyboard.press("Home")
        assert len(shown(seen)) == 10
        seen.keyboard.press("Tab")
        seen.keyboard.press("ArrowDown")
        assert set(shown(seen, 2)) == {"A"}
        seen.keyboard.press("ArrowUp")
        seen.keyboard.press("Tab")
        seen.keyboard.press("Space")
        assert sorted(shown(seen)) == ["s2", "zoe"]
        assert seen.get_by_role("button", name="did not hand in (2)").get_attribute("aria-pressed") == "true"
        seen.keyboard.press("Space")
        seen.get_by_role("button", name="are late").press("Enter")
        assert sorted(shown(seen)) == sorted(ODD[2:])


def test_every_link_leads_to_a_page_that_is_there(desk, folder):
    with desk() as seen:
        links = seen.locator("a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        pages = {unquote(link) for link in links if not link.startswith("#")}
        assert len(pages) == 10 and "explain/ana.html" in pages and all((folder / link).is_file() for link in pages)
        targets = [link for link in links if link.startswith("#")]
        assert len(targets) > 8 and all(seen.locator(f"[id='{link[1:]}']").count() == 1 for link in targets)
        seen.get_by_role("link", name=re.compile(f"the mistakes of {ASKED[0].name}$")).click()
        assert seen.locator(f"#of-{ASKED[0].name}").is_visible()


def test_without_scripts_the_table_stands_by_id(desk):
    with desk(java_script_enabled=False) as seen:
        ids = shown(seen)
        assert ids == sorted(ids) and len(ids) == 10 and not seen.locator("#tools").is_visible()
        assert seen.get_by_role("columnheader", name="student").is_visible()


def test_on_paper_nothing_is_cut_off(desk):
    with desk(width=760) as seen:
        seen.emulate_media(media="print")
        assert not seen.locator("#tools").is_visible() and seen.locator("#of-sigmoid, #of-relu").first.is_visible()
        cut = "all => all.filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => one.ariaLabel)"
        assert seen.locator(".box").evaluate_all(cut) == []
        assert seen.evaluate("document.documentElement.scrollWidth") == 760


def test_the_page_runs_its_own_script_and_no_other_one(chromium, folder):
    with opened(chromium, (folder / "report.html").as_uri()) as seen:
        assert seen.page.locator("script").count() == 1 and seen.faults == []
        told = seen.page.evaluate("""() => new Promise((done) => {
            addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
            const one = document.createElement("script");
            one.textContent = "document.title = 'mine'";
            document.body.append(one);
        })""")
        assert told == "script-src-elem" and seen.page.title() == "Class report"


def test_one_cause_is_one_entry_with_its_students_folded_and_the_most_serious_comes_first():
    many = [Note(f"This notebook was handed out to “{k}”.", Cause.OTHER) for k in range(300)]
    rows = [row(f"s{k:03d}", 1, notes=[note]) for k, note in enumerate(many)]
    rows[7] = replace(rows[7], remarks=[Remark(Event.UNJUDGED, name="relu", said="KeyError")], code="c")
    rows[8] = replace(rows[8], code="c")
    shown = unescape(part(page(rows), "eye"))
    titles = re.findall(r"<details class=\"item\"( open)?><summary><b>(.*?)</b> <span class=\"soft\">(.*?)<", shown)
    assert titles == [
        (" open", causes.TITLES[Cause.UNJUDGED], "1 student"),
        (" open", causes.TITLES[Cause.SAME_CODE], "2 students"),
        ("", causes.TITLES[Cause.OTHER], "300 students"),
    ]
    assert shown.count("<li>") == 303


def test_sentences_of_an_old_gradebook_are_one_entry_where_they_are_the_same():
    rows = [row(f"s{k}", 1, notes=["It is odd.", f"Only {k}."]) for k in range(3)]
    found = causes.entries(causes.for_a_human([stand(one, RULES) for one in rows]))
    assert (found[0].title, len(found[0].students)) == ("It is odd.", 3) and len(found) == 4


def test_every_cause_has_a_title_and_every_finding_and_status_a_cause():
    assert causes.TITLES.keys() == RANK.keys() - {Cause.PLAIN}
    assert all(Cause(made) is not Cause.PLAIN for made in witness.Made if made is not witness.Made.OWN)
    assert all(Cause(status) for status in STATUSES if status not in ("graded", "absent", "excused"))


def test_a_note_keeps_its_cause_in_the_gradebook(tmp_path):
    note = Note("2 notebooks.", Cause.SEVERAL)
    with Gradebook(tmp_path) as book:
        book.record(row("ana", 1, notes=["plain", note, Note("y" * 900, Cause.MIXED)]))
        (kept,) = book.grades()
    assert kept.notes[:2] == ["plain", note] and len(kept.notes[2]) == gradebook.LONGEST_TEXT
    assert [cause_of(one) for one in kept.notes] == [Cause.PLAIN, Cause.SEVERAL, Cause.MIXED]


def test_who_is_excused_or_absent_needs_no_eye(tmp_path):
    (tmp_path / "adjust.csv").write_text("student,item,points\nben,excused,\n")
    rules = Rules(ASKED, adjust.read(tmp_path, ASKED))
    shown = page([row("ben", status="missing")], rules, Roster((Person("ben"), Person("zoe"))))
    assert "Nothing stands out." in shown and "On the roster, and nothing was handed in: zoe." in shown


def test_an_item_is_called_by_how_well_it_tells_apart():
    def word(*points):
        """Of the first item, where the k-th student has k of the others right."""
        rows = [row(f"s{k}", point, *[1] * k) for k, point in enumerate(points)]
        return next(i for i in items([stand(one, RULES) for one in rows], RULES) if i.name == ASKED[0].name).word

    low, high = [0] * FEW, [1] * FEW
    assert word(*low, *high) == "tells apart well" and word(*high, *low) == "look at it"
    assert word(*[0, 1] * FEW) == "says little" and word(*high) == "all earned the same"
    assert word(*[0, 1, 1, 0] * 2, 1, 1, 0, 1, 1) == "tells apart" and word(0, 1) == "too few to say"


def test_an_item_says_for_how_many_the_instructor_decided_and_whether_it_counts(tmp_path):
    first, second = ASKED[0].name, ASKED[1].name
    lines = f"student,item,points\ns1,{first},full\n*,{second},drop\n*,written_1,of 5\ns2,written_1,4\n"
    (tmp_path / "adjust.csv").write_text(lines)
    rules = Rules(ASKED, adjust.read(tmp_path, ASKED))
    found = {one.name: one for one in items([stand(row(f"s{k}", 0, 1), rules) for k in range(4)], rules)}
    assert (found[first].adjusted, found[first].share) == (1, 0.25) and not found[first].dropped
    assert found[second].dropped and found["written_1"].share == 0.8
    assert found[ASKED[2].name].untried == 4


def test_adjustments_stand_with_who_decided_what_and_when(tmp_path):
    book = tmp_path / "out"
    classroom.hand_in(tmp_path / "in", ana=["x = 1"])
    grade(tmp_path / "in", book, Order())
    lines = "student,item,points,comment,reason,by\nana,bonus,2,Well asked.,oral <b>,jdoe\n"
    (book / "adjust.csv").write_text(lines)
    grade(tmp_path / "in", book, Order())
    shown = part((book / "report.html").read_text("utf-8"), "decided")
    assert "In force</summary>" not in shown and "In force: 1 line" in shown
    cells = re.findall(r"<td[^>]*>(.*?)</td>", shown)
    assert cells[:5] == ["bonus", "2", "Well asked.", "oral &lt;b&gt;", "jdoe"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", cells[5]) and cells[6] == "adjust.csv, line 2"
    (book / "adjust.csv").unlink()
    grade(tmp_path / "in", book, Order())
    shown = part((book / "report.html").read_text("utf-8"), "decided")
    assert "None is in force." in shown and "removed" in shown and "2 lines" in shown


def test_of_very_many_adjustments_the_first_are_shown_and_the_others_counted(folder):
    shown = part((folder / "report.html").read_text("utf-8"), "decided")
    assert "<code>written_1</code>: 221 lines" in shown and "And 21 more, in the files." in shown


def test_the_next_run_says_what_changed_and_why(tmp_path):
    """A class graded twice: one hands in again, one is adjusted, one is new, one is gone, one stays."""
    good = "def relu(z):\n    return np.maximum(z, 0)"
    ids = ("again", "bonus", "gone", "same")
    source = classroom.hand_in(tmp_path / "in", **{student: ["import numpy as np"] for student in ids})
    out, told = tmp_path / "out", []
    progress = Progress(reported=lambda standings, changes, alike: told.append(changes))
    grade(source, out, Order(), progress)
    first = (out / "report.html").read_bytes()
    assert "The first run" in part(first.decode(), "changes")
    grade(source, out, Order(), progress)
    assert (out / "report.html").read_bytes() == first and not told[1], "nothing changed, and the page keeps its time"
    (source / "again.ipynb").write_bytes(classroom.notebook(["import numpy as np", good]))
    (source / "gone.ipynb").rename(source / "fresh.ipynb")
    (out / "adjust.csv").write_text("student,item,points\nbonus,bonus,3\n")
    grade(source, out, Order(), progress)
    changed = told[2]
    moved = {one.student: (*one.words, one.reason) for one in changed.moved}
    assert moved.pop("again") == ("0", "2", "handed in again") and moved == {"bonus": ("0", "3", "adjusted")}
    assert (changed.new, changed.gone, changed.pages) == (("fresh",), ("gone",), ())
    shown = part((out / "report.html").read_text("utf-8"), "changes")
    for words in ("again</a>: 0 → <b>2</b>", "bonus</a>: 0 → <b>3</b>", "New: 1 student", "named below"):
        assert words in shown
    assert "same" not in shown
    before = (out / "report.html").read_bytes()
    grade(source, out, Order(), progress)
    assert (out / "report.html").read_bytes() == before, "it stays until something changes"


def test_who_is_forgotten_is_in_nothing_that_is_kept_of_a_run_before(tmp_path):
    """And nobody is called gone for it; the others keep the causes of their notes."""
    note = Note("This notebook was handed out to “zeno”, who is another student of this class.", Cause.CLASSMATE)
    with Gradebook(tmp_path) as book:
        for one in (row("ana", 1, notes=[note]), row("zeno", 1)):
            book.record(one)
        book.keep("here", json.dumps({"here": ["ana", "zeno"], "aside": []}).encode())
        report(tmp_path, book)
        book.record(row("zeno", 1, 1))
        report(tmp_path, book)
    forget.forget(tmp_path, "zeno")
    with Gradebook(tmp_path) as book:
        kept = book.kept("last", bytes)
        assert b"ana" in kept and b"zeno" not in kept
        assert [cause_of(one) for one in next(book.grades()).notes] == [Cause.CLASSMATE]
    assert "zeno" not in (tmp_path / "report.html").read_text("utf-8")


def test_a_course_that_changed_is_a_reason_of_its_own(tmp_path):
    def run(one, version=None):
        with Gradebook(tmp_path) as book:
            standings = of_class([one], RULES)
            history = History.of(book, standings)
            history.version = version or history.version
            history.compare(())
            history.keep(book)
            return history.changes

    run(row("ana", 1))
    other = replace(row("ana", 1, 1), identity="y")
    (moved,) = run(other, "another one").moved
    assert moved.reason == "graded anew, since the course changed"
    (moved,) = run(replace(row("ana", 1), identity="z")).moved
    assert moved.reason == "graded anew"


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_is_kept_of_a_run_before_a_page_is_made(tmp_path_factory, kept):
    folder = tmp_path_factory.mktemp("spoiled")
    standings = of_class([row("ana", 1)], RULES)
    with Gradebook(folder) as book:
        for told in (kept, {"rows": [], "at": "2026", "version": "", "changes": kept}, {"rows": [["ana", kept]]}):
            book.keep("last", json.dumps(told).encode())
            history = History.of(book, standings)
            assert "What changed" in class_page(standings, RULES, Around(changes=history.compare(["ana"])))
            history.keep(book)


def test_long_lists_of_what_changed_are_folded():
    new = tuple(f"s{k}" for k in range(40))
    shown = part(page([row("ana", 1)], changes=Changes("2026-12-02T10:00", "2026-12-01T10:00", new=new)), "changes")
    assert "<details><summary>New: 40 students" in shown


def test_a_thousand_students_are_a_page_that_any_browser_opens(tmp_path):
    rows = [row(f"s{k:04d}", *[1] * (k % 20), file=f"s{k:04d}/09_practice.ipynb") for k in range(1000)]
    rows = [replace(one, notes=[Note("2 notebooks: “a” counts.", Cause.SEVERAL)]) for one in rows]
    roster = Roster(tuple(Person(one.student, f"Name {one.student}", section="A") for one in rows))
    pages = {one.student: one.student for one in rows}
    assert len(page(rows, roster=roster, pages=pages).encode()) < 1_000_000


def test_the_manual_explains_what_the_page_shows():
    manual = (Path(__file__).parents[1] / "docs" / "grading.md").read_text(encoding="utf-8")
    chapter = manual.partition("## Whom to look at")[2].partition("\n## ")[0]
    for words in ("What changed", "For a human eye", "did not hand in", "discrimination", "Adjustments"):
        assert words in chapter

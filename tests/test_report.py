"""The table of measurements is readable where it is read: in a terminal of 80 columns, and in a log."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from bench import against, report
from bench.report import WIDTH, Row
from hypothesis import given, settings
from hypothesis import strategies as st

words = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\xa0"), min_size=1, max_size=60
)
named = words.map(lambda text: " ".join(text.split()) or "x")
value = st.floats(1e-9, 1e9)


@st.composite
def measured_rows(draw):
    values = draw(st.lists(value, min_size=1, max_size=5))
    base = draw(st.one_of(st.just([]), st.lists(value, min_size=len(values), max_size=len(values))))
    notes = draw(st.dictionaries(named, st.one_of(value, named), max_size=3))
    return Row(draw(named), draw(named), draw(st.sampled_from(["ns", "CPU s", ""])), values, base, notes)


def together(lines):
    """All words, however they were broken into lines."""
    return "".join("".join(lines).split())


@settings(deadline=None, derandomize=True, max_examples=80)
@given(st.dictionaries(named, st.lists(measured_rows(), max_size=4), max_size=3), st.booleans())
def test_no_line_is_wider_than_a_terminal_and_everything_measured_is_there(measured, every_case):
    lines = report.table(measured, every_case)
    assert max(map(len, lines), default=0) <= WIDTH
    assert not any("\n" in line for line in lines)
    shown = together(lines)
    for title, rows in measured.items():
        alone = [row for row in rows if sum((o.case, o.method) == (row.case, row.method) for o in rows) == 1]
        told = [title, *(part for row in rows for part in (row.case, row.method, *row.notes))]
        told += [report.number(value) for row in alone for value in (np.median(row.values), *row.ratio)]
        assert all("".join(str(word).split()) in shown for word in told)


def test_numbers_stand_below_each_other_and_what_is_too_long_on_a_line_of_its_own():
    rows = [
        Row("tanh", "actlab", "ms", [7.0, 7.5, 8.0]),
        Row("tanh", "a method whose name has no room beside its numbers", "ms", [70.0, 75.0, 80.0], [7.0, 7.5, 8.0]),
        Row("tanh", "canvas", "ms", [3.5], [7.0], {"bytes": 1234.0, "form": "z * ndtr(z)"}),
    ]
    assert report.table({"1. slider": rows}, False) == [
        "",
        "1. slider",
        "─" * 80,
        "                             median       from – to    p95     ratio (from – to)",
        "tanh",
        "  actlab                     7.5 ms     7.25 – 7.75   7.95",
        "  a method whose name has no room beside its numbers",
        "                              75 ms     72.5 – 77.5   79.5          10 (10 – 10)",
        "  canvas                     3.5 ms                              0.5 (0.5 – 0.5)",
        "      bytes 1234; form z * ndtr(z)",
    ]


def test_a_group_shows_its_medians_its_range_and_who_is_at_its_ends():
    rows = [
        Row(case, "canvas", "ms", [ms], [10.0], {"frames": ms}, "all explorers")
        for case, ms in {"folding": 5.0, "gates": 10.0, "depth": 40.0}.items()
    ]
    shown = report.table({"slider": rows}, False)
    assert "10 ms" in shown[5] and "5 – 40" in shown[5] and "1 (0.5 – 4)" in shown[5]
    assert shown[6:] == ["      ratio lowest for folding, highest for depth; frames 10 (at most 40)"]
    assert sum("canvas" in line for line in report.table({"slider": rows}, True)) == 3


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(measured_rows(), max_size=5), st.lists(measured_rows(), max_size=5), st.booleans())
def test_two_checkouts_are_compared_within_the_same_width_whatever_each_measured(now, before, every_case):
    shared = now[:2]
    lines = report.comparison("title", now, before + [replace(row, values=[1.0]) for row in shared], every_case)
    assert max(map(len, lines)) <= WIDTH
    shown = together(lines)
    assert all("".join(part.split()) in shown for row in now + before for part in (row.case, row.method))


def test_a_comparison_gives_the_ratio_with_its_spread_and_names_what_only_one_has():
    now = [Row("gelu", "actlab", "ns", [10.0, 20.0, 30.0]), Row("new", "actlab", "s", [1.0])]
    before = [Row("gelu", "actlab", "ns", [40.0, 40.0, 40.0]), Row("old", "actlab", "s", [1.0])]
    shown = report.comparison("4. activations", now, before, False)
    assert "20 ns" in shown[5] and "40 ns" in shown[5] and shown[5].endswith("0.5 (0.375 – 0.625)")
    assert shown[6:] == ["only now: new: actlab", "only before: old: actlab"]


def test_what_another_version_kept_is_read_as_far_as_it_is_understood(tmp_path):
    row = Row("gelu", "actlab", "ns", [1.0, 2.0], [1.0, 1.0])
    report.save(tmp_path / "bench.json", {"4. activations": [row]})
    entry = report.read(tmp_path / "bench.json")["4. activations"]
    assert report.rows_of(entry) == [row]
    others = [asdict(row) | {"colour": "red"}, {"case": "no values", "method": "x"}, asdict(replace(row, values=[]))]
    assert report.rows_of({"rows": others}) == [row]
    assert report.rows_of({}) == [] and report.read(tmp_path / "none.json") == {}


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (12.345, "12.3"), (1234.5, "1234"), (1.5e-5, "1.5e-05")])
def test_numbers_have_three_digits(value, text):
    assert report.number(value) == text


OTHER = """
import json, sys
from pathlib import Path

if "--help" in sys.argv:
    print("--only --quick")
else:
    assert sys.argv[1:] == ["--only", "course", "--quick"], sys.argv
    rows = [{"case": "00", "method": "actlab", "unit": "s", "values": [2.0], "seen": "by another version"}]
    kept = Path("../_build/bench-quick.json")
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"5. lessons": {"rows": rows}}))
"""


def test_another_checkout_measures_with_its_own_bench_wherever_it_lies_and_whatever_it_calls_things(tmp_path):
    bench = tmp_path / "my course" / "tests" / "bench"
    bench.mkdir(parents=True)
    (bench / "__init__.py").touch()
    (bench / "__main__.py").write_text(OTHER)
    earlier = Row("tanh", "actlab", "ns", [1.0])
    report.save(against.kept(tmp_path / "my course", True), {"4. earlier": [earlier]})
    assert against.measured(tmp_path / "my course", "course", True, False) == [Row("00", "actlab", "s", [2.0])]

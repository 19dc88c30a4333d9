"""Tables: the same entries as text and as markup."""

import pytest

from actlab.tables import SHORT, Look, Table

VALUES = Look("T", "C", "H", first=None, prose=False)


def test_a_table_is_text_and_markup():
    table = Table(("name", "value"), (("a<b", "[one](x.ipynb)"), ("longer name", "2")))
    assert repr(table) == "name         value\na<b          one\nlonger name  2"
    bundle = table._repr_mimebundle_()
    assert bundle["text/plain"] == repr(table)
    assert '<a href="x.ipynb">one</a>' in bundle["text/html"] and "a&lt;b" in bundle["text/html"]
    assert bundle["text/html"].count('scope="row"') == 2 and bundle["text/html"].count('scope="col"') == 2


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 entries"):
        Table(("a", "b"), (("1",),))


def test_rows_of_values_have_no_name_and_hold_no_links():
    table = Table(("input", "got"), (("[1](2)", "x<y"),), look=VALUES)
    assert table.lines(gap=3) == ["input    got", "[1](2)   x<y"]
    assert table.markup() == (
        '<table style="T"><thead><tr><th scope="col" style="H">input</th><th scope="col" style="H">got</th>'
        '</tr></thead><tbody><tr><td style="C">[1](2)</td><td style="C">x&lt;y</td></tr></tbody></table>'
    )


def test_short_entries_of_prose_stay_on_one_line():
    address = "a" * SHORT
    for entry, unbroken in (("b" * SHORT, 1), ("b" * (SHORT + 1), 0), (f"[b]({address})", 1)):
        assert Table(("", ""), (("name", entry),)).markup().count("nowrap") == unbroken


def test_a_note_stands_below():
    table = Table(("a",), (("1",),), "Read <this>.")
    assert repr(table) == "a\n1\nRead <this>."
    assert table.markup().endswith("Read &lt;this&gt;.</div>")

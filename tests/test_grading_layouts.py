"""Whose a file is: by its own name, in every layout, whatever else lies beside it."""

import pytest
from layouts import DOWNLOADS

from actlab.grading.reading import read
from actlab.grading.run import Order, readers, take_in
from actlab.grading.submissions import collect

ASKED = readers(Order()).names


@pytest.fixture(scope="module")
def reading():
    with readers(Order(workers=1)) as open_readers:
        yield open_readers


def told(intake):
    """Id -> the file that counts, or the status; and what belongs to nobody."""
    rows = {one.student: found.file if found.status == "graded" else found.status for one, found in intake.handed_in}
    return rows, tuple(sorted(intake.aside))


@pytest.mark.parametrize("layout", DOWNLOADS)
def test_sixty_hand_ins_come_to_the_right_students(layout, reading, tmp_path):
    download = DOWNLOADS[layout]
    expected = download.expected, tuple(sorted(download.aside))
    assert told(take_in(download.folder(tmp_path / "in"), tmp_path / "out", reading)) == expected
    assert told(take_in(download.zip(tmp_path / "in.zip"), tmp_path / "out", reading)) == expected
    assert told(take_in(download.zip(tmp_path / "deep.zip", "a/b/"), tmp_path / "out", reading)) == expected


@pytest.mark.parametrize("layout", DOWNLOADS)
@pytest.mark.parametrize("stray", ["minutes.txt", "notes", "extra/plan.pdf", "x/y/z/data.csv"])
def test_a_stray_file_changes_nothing_for_the_others(layout, stray, tmp_path):
    """Only in a plain layout may a folder be a student's of whom nothing was handed in."""
    download = DOWNLOADS[layout]
    folder = download.folder(tmp_path / "in")
    before = {one.student: one for one in collect(folder).submissions}
    root = folder / "course" / "handed in" if layout == "nested" else folder
    (root / stray).parent.mkdir(parents=True, exist_ok=True)
    (root / stray).write_bytes(b"x")
    after = {one.student: one for one in collect(folder).submissions}
    new = after.pop(stray.partition("/")[0].removesuffix(".txt"))
    assert after == before
    assert not read(new, ASKED).answered and new.certain == ("/" in stray and layout in ("plain", "nested"))

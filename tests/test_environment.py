"""The first cell of the course says whether the notebook runs where it should, and what to do if not."""

import sys
from importlib import metadata

import pytest

from actlab import environment


@pytest.fixture
def needs(monkeypatch):
    """Let actlab need these packages."""
    return lambda *lines: monkeypatch.setattr(metadata, "requires", lambda name: list(lines))


def test_where_all_is_well_every_line_says_so(needs):
    needs("numpy>=1", "rich")
    assert [line[0] for line in environment.report().splitlines()] == ["✓", "✓", "✓"]


def test_each_fault_is_named_with_the_command_that_mends_it(needs):
    needs("numpy<1", "no-such-package>=2", "rich")
    first, second, mend = environment.report().splitlines()
    assert first == f"✗ numpy is version {metadata.version('numpy')}; the course needs <1."
    assert second == "✗ no-such-package is not installed."
    assert f'"{sys.executable}" -m pip install -e ".[learn]"' in mend and "restart the kernel" in mend


def test_what_only_teachers_need_is_not_asked_of_learners(needs):
    needs("numpy>=1", 'rich; extra == "learn"', 'no-such-package>=2; extra == "teach"')
    assert [need.name for need in environment.requirements()] == ["numpy", "rich"]
    assert "✗" not in environment.report()

"""The parts of pages that others keep are where the pages look for them."""

from actlab.publish import vendor


def test_pages_get_their_parts_from_installed_packages(tmp_path):
    vendor.copy_reveal(tmp_path / "reveal")
    vendor.copy_mathjax(tmp_path)
    for name in (*(f"reveal/{part}" for part in vendor.REVEAL), "tex-svg.js"):
        assert (tmp_path / name).stat().st_size > 100

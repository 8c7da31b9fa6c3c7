from pathlib import Path
from runpy import run_path

from fixgate.faults import CATALOGUE

ROOT = Path(__file__).parent.parent


def test_the_page_is_the_catalogue():
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert page == run_path(str(ROOT / "tools" / "make_faults.py"))["render"](page)
    assert all(f"### {name}\n" in page for name in CATALOGUE)

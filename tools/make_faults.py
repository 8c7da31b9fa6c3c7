"""Write what docs/faults.md says of each fault, from the catalogue."""

from __future__ import annotations

from pathlib import Path

from fixgate.report.faults import fault_reference

TARGET = Path(__file__).parent.parent / "docs" / "faults.md"
MARK = "<!-- From here on written by `make docs`; do not edit. -->\n"


def render(page: str) -> str:
    """Return the page with its second half made anew."""
    written, mark, _ = page.partition(MARK)
    if not mark:
        raise SystemExit(f"{TARGET} lacks the line {MARK}")
    return f"{written}{mark}\n{fault_reference()}"


if __name__ == "__main__":
    TARGET.write_text(render(TARGET.read_text(encoding="utf-8")), encoding="utf-8")

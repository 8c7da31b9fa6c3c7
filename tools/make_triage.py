"""Write the tables of docs/triage.md, from the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fixgate.triage.failed import FAILURE_RULES
from fixgate.triage.rule import Rule
from fixgate.triage.rules import RULES

TARGET = Path(__file__).parent.parent / "docs" / "triage.md"
MARK = "<!-- From here on written by `make docs`; do not edit. -->\n"

_SAMPLES = """## Slow samples

In the order in which they are asked. The surest verdict comes first, of equals the one that stands
first here; the others are told with it.
"""
_FAILURES = """## Failed checks

By TCP's own account, which a check notes at the end of each phase and before it gives up.
"""


def render(page: str) -> str:
    """Return the page with its tables made anew."""
    written, mark, _ = page.partition(MARK)
    if not mark:
        raise SystemExit(f"{TARGET} lacks the line {MARK}")
    parts = (_SAMPLES, "\n".join(_table(RULES)), "", _FAILURES, "\n".join(_table(FAILURE_RULES)))
    return f"{written}{mark}\n" + "\n".join(parts) + "\n"


def _table(rules: Iterable[Rule[Any]]) -> Iterator[str]:
    yield "| rule | layer | looks at | fires when | high confidence when | what to do |"
    yield "|---|---|---|---|---|---|"
    for rule in rules:
        cells = (rule.looks_at, rule.fires, rule.sure or "never", rule.next_step)
        yield f"| `{rule.name}` | {rule.layer.value} | {' | '.join(cells)} |"


if __name__ == "__main__":
    TARGET.write_text(render(TARGET.read_text(encoding="utf-8")), encoding="utf-8")

"""The returns of a check at level persistence, on the board: a line for each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from fixgate.health.model import CheckReport, PhaseResult, Status
from fixgate.health.persistence.judge import cut_of
from fixgate.report.layout import Glyphs
from fixgate.report.text import printable, shorten

__all__ = ["return_lines", "returns_in", "verdict_in"]

_STYLES = {
    Status.PASS: "green",
    Status.WARN: "yellow",
    Status.FAIL: "red",
    Status.UNKNOWN: "magenta",
    Status.SKIPPED: "dim",
}
_NOT_REACHED = "not reached"


def returns_in(check: CheckReport) -> tuple[PhaseResult, ...]:
    """Return the phases in which a check came back."""
    return tuple(result for result in check.phases if cut_of(result.phase) is not None)


def verdict_in(result: PhaseResult) -> str:
    """Return the verdict on a return in a few words; empty for any other phase."""
    if cut_of(result.phase) is None:
        return ""
    return dict(result.facts).get("verdict", _NOT_REACHED)


def return_lines(check: CheckReport, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield a line for each return: how the line was cut, the verdict, what was missed.

    Args:
        check: The check.
        width: Characters of a line.
        glyphs: What the terminal can show.
    """
    results = returns_in(check)
    label = max((len(result.phase.value) for result in results), default=0)
    for result in results:
        signs = {Status.PASS: glyphs.good, Status.WARN: glyphs.warned, Status.FAIL: glyphs.bad}
        missed = dict(result.facts).get("missed", "")
        text = Text(f"  {glyphs.branch} ", "dim", no_wrap=True)
        text.append(f"{signs.get(result.status, glyphs.unknown)} ", _STYLES[result.status])
        text.append(f"{result.phase.value.ljust(label)}  ", "bold")
        room = max(width - text.cell_len, 1)
        said = verdict_in(result) + (f" {glyphs.dot} missed {missed}" if missed else "")
        shown = shorten(printable(said, ascii_only=glyphs.ascii_only), room, mark=glyphs.mark)
        text.append(shown, _STYLES[result.status])
        yield text

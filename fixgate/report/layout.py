"""Aligned columns for any width: shrink what can shrink, then drop what matters least.

Rich's own table shrinks every column alike; a board has columns that may go altogether.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

__all__ = ["Cell", "Column", "Glyphs", "fit", "line"]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The few signs of the board, in characters that the terminal can show.

    Attributes:
        good: Before GO.
        warned: Before GO with warnings.
        bad: Before NO-GO.
        unknown: Before UNKNOWN.
        closed: Before CLOSED.
        waiting: Before a session whose turn has not come.
        branch: Joins a row to the line that explains it.
        rule: Repeated to draw a rule.
        dot: Between facts on one line.
        mark: At the end of text that was cut.
        here: Points at the line that matters.
        spinner: Name of rich's spinner.
        ascii_only: Escape everything beyond ASCII.
    """

    good: str
    warned: str
    bad: str
    unknown: str
    closed: str
    waiting: str
    branch: str
    rule: str
    dot: str
    mark: str
    here: str
    spinner: str
    ascii_only: bool

    @classmethod
    def for_encoding(cls, encoding: str | None) -> Glyphs:
        """Return Unicode signs for a UTF encoding, plain ASCII ones for any other."""
        if (encoding or "").lower().replace("_", "-").startswith("utf"):
            return cls(
                "✓", "!", "✗", "?", "○", "·", "└", "─", "·", "…", "▸", "dots", ascii_only=False
            )
        return cls("+", "!", "x", "?", "o", ".", "`-", "-", "-", "..", "*", "line", ascii_only=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: Its heading.
        least: The fewest cells it can shrink to; ``None`` when it cannot shrink.
        rank: Columns of the highest rank go first when the width does not suffice; rank 0 stays.
        right: Align to the right.
    """

    title: str
    least: int | None = None
    rank: int = 0
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Text and the style it is shown in."""

    text: str
    style: str = ""


_GAP = 2


def fit(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int) -> dict[int, int]:
    """Return the width of each column that is shown, by its index.

    Args:
        columns: All columns.
        rows: The cells that have to fit, one for each column.
        width: Cells available.
    """
    natural = {
        i: max([cell_len(c.title), *(cell_len(row[i].text) for row in rows)])
        for i, c in enumerate(columns)
        if not rows or any(row[i].text for row in rows)
    }

    def total(widths: dict[int, int]) -> int:
        return sum(widths.values()) + _GAP * (len(widths) - 1)

    def least(i: int) -> int:
        return min(natural[i], columns[i].least or natural[i])

    while total({i: least(i) for i in natural}) > width:
        droppable = [i for i in natural if columns[i].rank > 0]
        if not droppable:
            break
        del natural[max(droppable, key=lambda i: columns[i].rank)]
    widths = dict(natural)
    while (over := total(widths) - width) > 0:
        shrinkable = [i for i in widths if widths[i] > least(i)]
        if not shrinkable:
            break
        widest = max(shrinkable, key=lambda i: widths[i] - least(i))
        widths[widest] -= min(over, max(1, (widths[widest] - least(widest)) // 2))
    return widths


def line(
    columns: Sequence[Column], cells: Sequence[Cell], widths: dict[int, int], *, mark: str
) -> Text:
    """Return one line of cells, each cut or padded to its column's width."""
    text = Text(no_wrap=True, overflow="crop")
    last = max(widths, default=0)
    for i, width in widths.items():
        cell = cells[i]
        value = cell.text
        if cell_len(value) > width:
            value = set_cell_size(value, max(width - len(mark), 0)) + mark
        space = " " * (width - cell_len(value))
        if columns[i].right:
            text.append(space)
        text.append(value, cell.style)
        if i != last:
            text.append(("" if columns[i].right else space) + " " * _GAP)
    return text

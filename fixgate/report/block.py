"""Blocks on a terminal: labelled paragraphs, and messages folded between their fields."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from rich.text import Text

from fixgate.report.layout import Glyphs
from fixgate.report.text import printable

__all__ = ["LABEL_WIDTH", "fold", "labelled"]

LABEL_WIDTH = 12
"""Cells of the column of labels."""


def labelled(
    label: str, text: str, width: int, glyphs: Glyphs, *, style: str = ""
) -> Iterator[Text]:
    """Yield a text behind its label, wrapped to the width.

    Args:
        label: At most `LABEL_WIDTH` characters.
        text: Anything; made printable.
        width: Cells of the terminal.
        glyphs: What it can show.
        style: Of the text.
    """
    visible = printable(text, ascii_only=glyphs.ascii_only)
    lines = wrap(visible, max(width - LABEL_WIDTH - 2, 20), break_on_hyphens=False) or [""]
    for index, part in enumerate(lines):
        row = Text("  " + (label if index == 0 else "").ljust(LABEL_WIDTH), "dim")
        row.append(part, style or "not dim")
        yield row


def fold(text: str, width: int, *, between: str = "") -> list[str]:
    """Break a message into lines after a field's ``|`` where there is one, else after a space.

    Args:
        text: What is too long.
        width: Characters of a line.
        between: What to break after rather, such as ``, `` between fields.
    """
    lines = []
    while len(text) > width:
        cut = text.rfind(between, 0, width) + len(between) if between else 0
        if cut <= width // 3:
            cut = max(text.rfind("|", 0, width), text.rfind(" ", 0, width)) + 1
        cut = cut if cut > width // 3 else width
        lines.append(text[:cut].rstrip(" "))
        text = text[cut:]
    return [*lines, text]

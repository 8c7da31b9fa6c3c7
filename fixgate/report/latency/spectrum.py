"""Percentiles of one exchange as bars of characters: wire, application and response in one."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from fixgate.latency.model import Figure, Series
from fixgate.report.latency.figures import FIGURE_WORDS, format_latency, format_percentile
from fixgate.report.latency.scale import Scale
from fixgate.report.layout import Glyphs

__all__ = ["spectrum_lines"]

_SHADES = {Figure.WIRE: "cyan", Figure.APP: "blue", Figure.RESPONSE: "magenta"}
_BLOCKS = {Figure.WIRE: "█", Figure.APP: "▓", Figure.RESPONSE: "░"}
_LETTERS = {Figure.WIRE: "#", Figure.APP: "=", Figure.RESPONSE: "-"}
_NAME_WIDTH, _VALUE_WIDTH = 8, 9
_LEAST_BAR = 10


def spectrum_lines(
    series: Series, width: int, glyphs: Glyphs, precision_ns: int = 1
) -> Iterator[Text]:
    """Yield a line for each percentile, its figures side by side with their bar.

    Args:
        series: With any figure.
        width: Cells of a line.
        glyphs: What the terminal can show.
        precision_ns: How fine the figures are.
    """
    figures = list(series.figures)
    room = width - 2 - _NAME_WIDTH - (_VALUE_WIDTH + 2) * len(figures)
    bar = max(room, _LEAST_BAR)
    known = {figure: dict(series.figures[figure].percentiles) for figure in figures}
    told = [p for p in known[series.best] if all(p in known[figure] for figure in figures)]
    least_ns = min(found.min_ns for found in series.figures.values())
    most_ns = max(found.max_ns for found in series.figures.values())
    scale = Scale.around(least_ns, most_ns, float(bar))
    axis = f"log scale from {format_latency(scale.low_ns, precision_ns)}"
    told_low = scale.low_ns >= precision_ns and len(axis) < bar
    yield _title(figures, axis if told_low else "log scale", bar, glyphs)
    for percentile in told:
        row = Text.assemble(("  " + format_percentile(percentile).ljust(_NAME_WIDTH), "dim"))
        values = {figure: known[figure][percentile] for figure in figures}
        row.append_text(_bar(values, scale, bar, glyphs))
        for figure in figures:
            value = format_latency(values[figure], precision_ns)
            row.append(value.rjust(_VALUE_WIDTH + 2), _SHADES[figure])
        yield row


def _title(figures: list[Figure], axis: str, bar: int, glyphs: Glyphs) -> Text:
    signs = _LETTERS if glyphs.ascii_only else _BLOCKS
    row = Text(" " * (2 + _NAME_WIDTH))
    row.append(axis.ljust(bar), "dim")
    for figure in figures:
        word = FIGURE_WORDS[figure]
        word = f"{signs[figure]} {'app' if figure is Figure.APP else word}"
        row.append(word.rjust(_VALUE_WIDTH + 2), _SHADES[figure])
    return row


def _bar(values: dict[Figure, int], scale: Scale, bar: int, glyphs: Glyphs) -> Text:
    signs = _LETTERS if glyphs.ascii_only else _BLOCKS
    row, end = Text(), 0
    for figure, value_ns in values.items():
        upto = max(round(scale.at(value_ns)), 1)
        row.append(signs[figure] * max(upto - end, 0), _SHADES[figure])
        end = max(end, upto)
    row.append(" " * (bar - end))
    return row

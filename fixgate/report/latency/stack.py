"""Where the time of a sample went, as the segments of a bar. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.triage.model import Layer
from fixgate.triage.split import Part

__all__ = ["Segment", "cells_of", "segments_of"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: where it begins, how wide it is, and what it stands for."""

    x: float
    width: float
    part: Part


def segments_of(parts: Sequence[Part], width: float, *, least: float = 1.5) -> tuple[Segment, ...]:
    """Lay parts out side by side, as wide as they took long.

    Args:
        parts: In order; those of no time are left out.
        width: Of the whole bar.
        least: What took any time is so wide at least, as far as there is room.
    """
    shown = [part for part in parts if part.duration_ns > 0]
    total_ns = sum(part.duration_ns for part in shown)
    least = min(least, width / len(shown)) if shown else 0.0
    wide = [max(width * part.duration_ns / total_ns, least) for part in shown]
    # What the short ones got above their share is taken from what the others have to spare.
    over, spare = sum(wide) - width, sum(each - least for each in wide)
    if over > 0 and spare > 0:
        wide = [each - over * (each - least) / spare for each in wide]
    segments, x = [], 0.0
    for part, each in zip(shown, wide, strict=True):
        segments.append(Segment(round(x, 2), round(each, 2), part))
        x += each
    return tuple(segments)


def cells_of(parts: Sequence[Part], width: int) -> list[Layer]:
    """Return whose time each cell of a bar of characters is; empty without any time."""
    cells: list[Layer] = []
    for segment in segments_of(parts, float(width), least=1.0):
        # To the nearest cell, by where it ends, so that rounding does not add up.
        cells += [segment.part.layer] * (round(segment.x + segment.width) - len(cells))
    return cells

"""Mutations of files that people write: lines, words, and bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from fuzz.damage import damage

__all__ = ["changed_text"]

_WORD = re.compile(rb"[A-Za-z0-9_.:/+-]+")
_MOST_BYTES = 1 << 18


def changed_text(dice: random.Random, data: bytes, words: Sequence[bytes], times: int) -> bytes:
    """Return a file with some lines or words changed.

    Args:
        dice: Decides everything.
        data: The file.
        words: What a word may become.
        times: How many changes.
    """
    for _ in range(times):
        data = _changed(dice, data, words)[:_MOST_BYTES]
    return data


def _changed(dice: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    line = lines[at]
    match dice.randrange(10):
        case 0:
            del lines[at : at + dice.choice((1, 1, 4))]
        case 1:
            lines[at:at] = lines[at : at + dice.choice((1, 3))] * dice.choice((1, 1, 2, 200))
        case 2:
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], line
        case 3:
            indent = dice.choice((b" ", b"  ", b"    ", b"\t", b"- "))
            lines[at] = line.removeprefix(indent) if dice.random() < 0.5 else indent + line
        case 4:
            return damage(dice, data)
        case 5:
            lines[at] = line[: dice.randrange(len(line) + 1)] + dice.choice(words)
        case 6:
            lines[at] = line * dice.choice((2, 40))
        case _:
            found = list(_WORD.finditer(line))
            if found:
                hit = dice.choice(found)
                lines[at] = line[: hit.start()] + dice.choice(words) + line[hit.end() :]
    return b"\n".join(lines)

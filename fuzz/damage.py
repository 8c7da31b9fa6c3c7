"""Mutations that know only bytes: flipped, cut, doubled, spliced, put in."""

from __future__ import annotations

import random

__all__ = ["damage"]

_PIECES = (
    *(b"\x00", b"\x01", b"=", b"|", b"\xff", b"\n", b"8=FIX", b"8=FIX.4.4\x019=", b"\x0110="),
    *(b"\x0110=000\x01", b"\x0135=A\x01", b"554=", b"95=60000\x0196=", b"9=65000\x01", b"0", b"9"),
)


def damage(dice: random.Random, data: bytes) -> bytes:
    """Return ``data`` with a few bytes, or a part of it, no longer as it was."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(data) + 1)
        to = min(len(data), at + dice.choice((1, 1, 2, 8, 64)))
        match dice.randrange(7):
            case 0 if at < len(data):
                data = data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:at] + data[at:to] * dice.choice((2, 3, 50)) + data[to:]
            case 3:
                data = data[:at]
            case 4:
                data = data[at:]
            case 5:
                data = data[:at] + dice.choice(_PIECES) + data[at:]
            case _:
                data = data[:at] + bytes(dice.randrange(256) for _ in range(to - at)) + data[to:]
    return data

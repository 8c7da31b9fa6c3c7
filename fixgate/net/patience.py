"""How much a venue puts up with from a client whose Logons fail again and again.

A Logon that is refused costs more than a connection: it is decoded and judged, its Logout takes a
number and a place in the store. A client in a loop would have that a thousand times a second, and
fill the disk. Beyond its allowance it is turned away in the lobby like a stranger, and costs no
more than one; but now and then it is heard, so that it is let in soon after what was wrong is
mended.
"""

from __future__ import annotations

__all__ = ["ALLOWANCE", "EARNED_NS", "Patience"]

ALLOWANCE = 60
"""Refused Logons at once: more than any test suite provokes, less than a second of a loop."""

EARNED_NS = 1_000_000_000
"""Then one a second."""


class Patience:
    """The allowance of one client, by a clock that never steps.

    Args:
        now_ns: When it begins; any clock that only goes forward.
    """

    __slots__ = ("_full_ns",)

    def __init__(self, now_ns: int = 0) -> None:
        self._full_ns = now_ns
        """When the whole allowance will have been earned again."""

    def is_left(self, now_ns: int) -> bool:
        """Whether one more refusal can be afforded."""
        return self._full_ns - now_ns <= (ALLOWANCE - 1) * EARNED_NS

    def spend(self, now_ns: int) -> None:
        """A Logon has been refused."""
        self._full_ns = max(self._full_ns, now_ns) + EARNED_NS

"""How much a venue puts up with from a client whose Logons fail again and again.

A Logon that is refused costs more than a connection: it is decoded and judged, its Logout takes a
number and a place in the store. A client in a loop would have that a thousand times a second, and
fill the disk. Beyond its allowance it is turned away in the lobby like a stranger, and costs no
more than one; but now and then it is heard, so that it is let in soon after what was wrong is
mended.
"""

from __future__ import annotations

__all__ = ["ALLOWANCE", "EARNED_NS", "ORIGINS", "Patience"]

ALLOWANCE = 60
"""Refused Logons at once: more than any test suite provokes, less than a second of a loop."""

EARNED_NS = 1_000_000_000
"""Then one a second."""


ORIGINS = 16
"""Origins of one client with an allowance of their own; all others share one."""

_ELSEWHERE = ""


class Patience:
    """The allowances of one client, by a clock that never steps."""

    __slots__ = ("_full_ns",)

    def __init__(self) -> None:
        self._full_ns: dict[str, int] = {}
        """When the whole allowance of an origin will have been earned again."""

    def is_left(self, origin: str, now_ns: int) -> bool:
        """Whether one more refusal can be afforded.

        Args:
            origin: Where a connection comes from; see `fixgate.net.networks.origin_of`.
            now_ns: Now.
        """
        full_ns = self._full_ns.get(self._known(origin, now_ns), 0)
        return full_ns - now_ns <= (ALLOWANCE - 1) * EARNED_NS

    def spend(self, origin: str, now_ns: int) -> None:
        """A Logon has been refused; see `is_left`."""
        origin = self._known(origin, now_ns)
        self._full_ns[origin] = max(self._full_ns.get(origin, 0), now_ns) + EARNED_NS

    def _known(self, origin: str, now_ns: int) -> str:
        """Return under what an origin is remembered; forget those that have earned all again."""
        if origin not in self._full_ns and len(self._full_ns) >= ORIGINS:
            self._full_ns = {o: full for o, full in self._full_ns.items() if full > now_ns}
            if len(self._full_ns) >= ORIGINS:
                return _ELSEWHERE
        return origin

"""Places for connections: who may come in, and who makes room for it.

Theory of operation
-------------------
A guest *waits* until it has logged on, then it is *seated*. There are so many places over all, and
so many for one origin. A seat is nobody else's to take; a place where somebody waits is: when a
newcomer finds none free, the guest that has waited longest makes room for it, of the newcomer's
own origin where that has all of its places, else of the origin that has most waiting, the newcomer
counted.

So whoever connects over and over, or sits and says nothing, pushes out its own connections. The
only one of another origin is safe while the places outnumber the origins.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Guest", "Room"]


class Guest(Protocol):
    """One connection."""

    @property
    def origin(self) -> str:
        """Where it comes from; see `fixgate.net.networks.origin_of`."""

    def make_room(self) -> None:
        """Close: the place has been given to another; it has been left already."""

    def close(self) -> None:
        """Close: nobody is let in any more."""


class Room:
    """The places of one gateway.

    Args:
        places: How many there are, at least 1.
        per_origin: How many of them one origin can have, at least 1.
    """

    def __init__(self, places: int, per_origin: int) -> None:
        self._places = places
        self._per_origin = per_origin
        self._waiting: dict[str, dict[Guest, None]] = {}
        self._seated: set[Guest] = set()
        self._taken: dict[str, int] = {}
        self._total = 0
        self._by_count: dict[int, dict[str, None]] = {}
        """Origins by how many of theirs wait, so that finding the most takes no search."""
        self._most = 0

    def __len__(self) -> int:
        return self._total

    def enter(self, guest: Guest) -> bool:
        """Give a newcomer a place; ``False`` when there is none, and nobody to make room."""
        origin = guest.origin
        if self._taken.get(origin, 0) >= self._per_origin:
            if not self._free_one(origin):
                return False
        elif self._total >= self._places and not self._free_one(self._crowd(origin)):
            return False
        self._waiting.setdefault(origin, {})[guest] = None
        self._taken[origin] = self._taken.get(origin, 0) + 1
        self._total += 1
        self._recount(origin, 1)
        return True

    def seat(self, guest: Guest) -> None:
        """Let a guest that waits keep its place."""
        self._remove(guest)
        self._seated.add(guest)

    def leave(self, guest: Guest) -> None:
        """Take a place back; nothing happens when the guest has none."""
        origin = guest.origin
        if guest in self._seated:
            self._seated.remove(guest)
        elif guest in self._waiting.get(origin, ()):
            self._remove(guest)
        else:
            return
        self._total -= 1
        self._taken[origin] -= 1
        if not self._taken[origin]:
            del self._taken[origin]

    def fullness(self, origin: str) -> str:
        """Return in words how full it is for newcomers of ``origin``."""
        if self._taken.get(origin, 0) >= self._per_origin:
            return f"{self._taken[origin]} of {self._per_origin} from there are logged on"
        return f"{self._total} of {self._places} connections are logged on"

    def waiting(self) -> list[Guest]:
        """Return all that wait."""
        return [guest for guests in self._waiting.values() for guest in guests]

    def _free_one(self, origin: str) -> bool:
        longest = next(iter(self._waiting.get(origin, ())), None)
        if longest is None:
            return False
        self.leave(longest)
        longest.make_room()
        return True

    def _crowd(self, newcomer: str) -> str:
        """Return the origin that has most waiting when ``newcomer`` has one more."""
        if len(self._waiting.get(newcomer, ())) + 1 > self._most:
            return newcomer
        return next(iter(self._by_count[self._most]))

    def _remove(self, guest: Guest) -> None:
        guests = self._waiting[guest.origin]
        del guests[guest]
        self._recount(guest.origin, -1)
        if not guests:
            del self._waiting[guest.origin]

    def _recount(self, origin: str, change: int) -> None:
        count = len(self._waiting[origin])
        before = self._by_count.get(count - change)
        if before is not None:
            before.pop(origin, None)
            if not before:
                del self._by_count[count - change]
        if count:
            self._by_count.setdefault(count, {})[origin] = None
        if count > self._most or self._most not in self._by_count:
            self._most = count

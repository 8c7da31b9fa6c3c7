"""What has come from the system under test and been looked at by no step yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from fixgate.scenario.records import Closed, Opened
from fixgate.wire.message import Message

__all__ = ["Arrived", "Garbage", "Inbox", "View"]


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no message.

    Attributes:
        text: Why.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something that the system under test did on one actor's connection."""

    at_ns: int
    what: Message | Garbage | Opened | Closed


Inbox: TypeAlias = list[Arrived]
"""Everything that has arrived on one actor's connections, in order."""


@dataclass(slots=True)
class View:
    """How far one line of steps has looked through an inbox; alternatives have one each.

    Attributes:
        inbox: Shared by all views of it.
        start: Everything before has been dealt with.
        taken: What has been dealt with after that.
    """

    inbox: Inbox
    start: int = 0
    taken: set[int] = field(default_factory=set)

    def fork(self) -> View:
        """Return a view that begins where this one is."""
        return View(self.inbox, self.start, set(self.taken))

    def become(self, other: View) -> None:
        """Go on from where a fork has come to."""
        self.start, self.taken = other.start, other.taken

    def unread(self, until_ns: int | None = None, begin: int = 0) -> Iterator[tuple[int, Arrived]]:
        """Yield what is left, with its place.

        Args:
            until_ns: Only what came up to this instant; ``None`` for all.
            begin: Only from this place on: what is before it has been looked at.
        """
        for place in range(max(self.start, begin), len(self.inbox)):
            arrived = self.inbox[place]
            if until_ns is not None and arrived.at_ns > until_ns:
                return
            if place not in self.taken:
                yield place, arrived

    def take(self, place: int, *, before_too: bool) -> None:
        """Deal with what is at a place; and with everything before it, if that was passed over."""
        if before_too:
            self.start = place + 1
            self.taken = {each for each in self.taken if each > place}
        else:
            self.taken.add(place)

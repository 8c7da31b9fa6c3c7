"""Layouts: sequences of tags that a peer sends again and again.

A peer sends few of them, each thousands of times. For a layout that has been seen often, one
regular expression cuts a message: the tags stand in it as they are, a value is what lies between
one of them and the next SOH. It takes the whole message, and then its fields are exactly those,
or it says nothing. Fields that measure others have no place in a layout.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.message import Message

__all__ = ["BODY_START", "Layouts"]

BODY_START = 5
"""Layouts are looked up by so many bytes of the body: MsgType(35), mostly."""

# Compiling takes half a millisecond, more for long messages: 64 of them have paid for it.
_SIGHTINGS = 64
_LONGEST = 256  # tags
_OF_ONE_TYPE = 4
_STARTS = 64
_COUNTED = 64

_Layout = tuple[re.Pattern[bytes], tuple[int, ...], bool]


class Layouts:
    """The layouts of one stream.

    Attributes:
        known: By the first `BODY_START` bytes of the body: the expression of each layout, its
            tags, and whether each of them comes once.
    """

    __slots__ = ("_counts", "known")

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[_Layout, ...]] = {}
        self._counts: dict[tuple[int, ...], int] = {}

    def saw(self, message: Message, start: bytes) -> None:
        """Count a message that no layout took; compile its layout when it is worth it.

        Args:
            message: The message.
            start: The first bytes of its body.
        """
        tags = tuple(message.tags)
        count = self._counts.pop(tags, 0) + 1
        if count < _SIGHTINGS:
            # The peer chooses the tags: the oldest count gives way.
            if len(self._counts) >= _COUNTED:
                del self._counts[next(iter(self._counts))]
            self._counts[tags] = count
        elif len(tags) <= _LONGEST and DATA_FIELDS.keys().isdisjoint(tags):
            # Taken out and put in again: the start that has had nothing new for longest gives way.
            others = self.known.pop(start, ())[: _OF_ONE_TYPE - 1]
            if len(self.known) >= _STARTS:
                del self.known[next(iter(self.known))]
            self.known[start] = ((_compiled(tags), tags, not message.has_duplicates), *others)


@lru_cache(maxsize=512)
def _compiled(tags: tuple[int, ...]) -> re.Pattern[bytes]:
    return re.compile(b"".join(b"%d=([^\x01]*+)\x01" % tag for tag in tags))

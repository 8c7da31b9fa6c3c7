"""The steps of a return, as the runner records them (``#``); a log of an engine has but the last.

Frozen values; `fixgate.health.persistence.story` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fixgate.health.persistence.plan import Cut

__all__ = ["LineCut", "Returning", "Settled", "StatusAsked", "Unread", "Withheld"]


@dataclass(frozen=True, slots=True)
class LineCut:
    """From here on nothing that the venue sends is taken."""

    cut: Cut


@dataclass(frozen=True, slots=True)
class Unread:
    """The venue sent this message into the line that we had left: it was not taken."""

    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withheld:
    """We used this MsgSeqNum(34) while we were away, and sent nothing."""

    number: int


@dataclass(frozen=True, slots=True)
class Returning:
    """Another connection of the same session begins.

    Attributes:
        rescue: Only to cancel what may be in the book; it proves nothing.
    """

    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """After the return a Heartbeat has answered our TestRequest: nothing more is on its way."""


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """An OrderStatusRequest for one of our orders went out."""

    cl_ord_id: bytes

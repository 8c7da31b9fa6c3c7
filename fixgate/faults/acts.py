"""What an injector asks for: a closed union, each to be done when it is given out, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Act", "End", "Feed", "Finish", "Forget", "Reset", "Write"]


@dataclass(frozen=True, slots=True)
class Write:
    """Send bytes to the peer."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """Give bytes to our side, as if the peer had just sent them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Tell our side that the peer has closed its half."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Close our half of the connection, and go on reading."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Reset the connection; our side learns that it is gone."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Tell our side that the connection is gone, and the peer nothing, whatever it sends."""


Act: TypeAlias = Write | Feed | End | Finish | Reset | Forget

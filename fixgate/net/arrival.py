"""A connection that has been accepted, and where it came from."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from fixgate.net.networks import IpAddress, address_of, origin_of
from fixgate.net.refusals import Refusal
from fixgate.net.settings import ListenSettings

__all__ = ["Arrival", "Host"]


class Host(Protocol):
    """Who gives connections their places."""

    def arrived(self, guest: Arrival) -> bool:
        """Give a new connection a place; ``False`` when it may not come in."""

    def left(self, guest: Arrival) -> None:
        """A connection waits no longer."""

    def turned_away(self, guest: Arrival, why: Refusal, text: str) -> None:
        """A connection is being closed."""


class Arrival(asyncio.Protocol):
    """A connection that has been accepted: a `fixgate.net.room.Guest`.

    Args:
        host: Who gives it a place.
        listen: The port that it came to.

    Attributes:
        listen: As given.
        address: Where it came from; ``None`` before that is known, and when it was gone already.
        origin: Under whom it is counted.
        transport: The connection, once there is one.
    """

    __slots__ = ("_host", "address", "listen", "origin", "transport")

    def __init__(self, host: Host, listen: ListenSettings) -> None:
        self._host = host
        self.listen = listen
        self.address: IpAddress | None = None
        self.origin = ""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a place."""
        # Both event loops give stream transports here; the base class cannot say so.
        self.transport = cast("asyncio.Transport", transport)
        self.address = address_of(transport.get_extra_info("peername"))
        if self.address is not None:
            self.origin = origin_of(self.address)
        if self._host.arrived(self):
            self.entered()
        else:
            self.transport.abort()

    def entered(self) -> None:
        """Begin, with a place."""

    def make_room(self) -> None:
        """Close: the place has been given to another connection."""
        self.turn_away(Refusal.MADE_ROOM)

    def turn_away(self, why: Refusal, text: str = "") -> None:
        """Close without a word.

        Args:
            why: Why, for the log.
            text: Details.
        """
        self._host.turned_away(self, why, text)
        self.close()

    def close(self) -> None:
        """Close without a word, unasked."""
        self._host.left(self)
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._host.left(self)

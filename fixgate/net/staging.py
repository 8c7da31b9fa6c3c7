"""Puts the stages of a venue between the gateway's connections, its sessions and the venue."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

from fixgate.net.clock import Clock
from fixgate.net.endpoint import Endpoint
from fixgate.net.roster import Roster
from fixgate.net.settings import GatewaySettings
from fixgate.net.staged_endpoint import ConnectionStages, StagedEndpoint
from fixgate.net.staged_venue import Deliver, StagedVenue
from fixgate.net.stages import StagePassed, StageWorks
from fixgate.venue import Venue, VenueMode, VenueSettings, default_instruments
from fixgate.venue.stages import VenueStages
from fixgate.venue.stamps import stamp_digits

__all__ = ["GatewayStages"]


class GatewayStages:
    """What a gateway with stages has in the place of what one without has.

    Args:
        settings: The gateway's.
        stages: Its stages.
        clock: The process's clock.
        venue: The venue.
        roster: Who is known.
        deliver: Sends replies in nobody's turn.
        told: Gets every message that has passed a stage.

    Attributes:
        venue: In the place of the venue.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        stages: VenueStages,
        clock: Clock,
        venue: Venue,
        roster: Roster,
        deliver: Deliver,
        told: Callable[[StagePassed], None],
    ) -> None:
        self._settings = stages
        works = StageWorks(stages, clock, told)
        self._on_connections = ConnectionStages(works) if works.on_connections else None
        self._roster = roster
        self.venue = StagedVenue(venue, works, _symbols(settings.venue), self._digits, deliver)

    def listening(self, listener: object) -> None:
        """Let the connections of a port take as little as they may while nobody reads them.

        A window that has been offered is not taken back: it has to be small from the start.

        Args:
            listener: The listening socket; one of a world in memory has no options.
        """
        reading = self._settings.reading
        if reading is None or reading.receive_buffer is None:
            return
        set_option = getattr(listener, "setsockopt", None)
        if set_option is not None:
            set_option(socket.SOL_SOCKET, socket.SO_RCVBUF, reading.receive_buffer)

    def endpoint(self, name: str) -> type[Endpoint] | partial[StagedEndpoint]:
        """Return what makes the endpoint of a client's connection.

        Args:
            name: What the venue calls the client.
        """
        if self._on_connections is None:
            return Endpoint
        return partial(StagedEndpoint, self._on_connections, name)

    def _digits(self, name: str) -> int:
        """Return how many digits of a second a client's TransactTime(60) has."""
        party = self._roster.get(name)
        if party is None:
            return 0
        return stamp_digits(party.client.version, party.session.settings.timestamp_digits)


def _symbols(settings: VenueSettings) -> frozenset[bytes]:
    """Return the instruments that a venue trades."""
    if settings.mode is not VenueMode.MATCH:
        return frozenset()
    instruments = settings.instruments or default_instruments()
    return frozenset(each.symbol.encode() for each in instruments)

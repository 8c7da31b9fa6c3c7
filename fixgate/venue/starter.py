"""The venue that settings ask for, and the instruments of one that was given none."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from fixgate.venue.echo import EchoVenue, GroupLookup, no_groups
from fixgate.venue.exchange import Exchange
from fixgate.venue.model import Instrument, Venue, VenueMode, VenueSettings
from fixgate.venue.unavailable import UnavailableVenue

__all__ = ["default_instruments", "make_venue"]


def default_instruments() -> tuple[Instrument, ...]:
    """Return the instruments of a venue that was configured with none.

    All stand around 100. They have tick 0.01 and lot 1, but for the last two: TICK moves by 0.05
    and FRAC trades in thousandths, for clients that take steps for granted.
    """
    return (
        Instrument("ABC"),
        Instrument("XYZ"),
        Instrument("DEF", reference=Decimal(95)),
        Instrument("GHI", reference=Decimal("102.50")),
        Instrument("TICK", tick=Decimal("0.05")),
        Instrument("FRAC", lot=Decimal("0.001")),
    )


def make_venue(settings: VenueSettings, *, groups: GroupLookup = no_groups) -> Venue:
    """Build the venue that ``settings`` ask for.

    Args:
        settings: Without instruments, a matching venue trades `default_instruments`.
        groups: Where an echo venue looks up repeating groups.

    Raises:
        ValueError: A tick or a lot is not above 0.
    """
    match settings.mode:
        case VenueMode.MATCH:
            if not settings.instruments:
                settings = replace(settings, instruments=default_instruments())
            return Exchange(settings)
        case VenueMode.ECHO:
            return EchoVenue(groups, name_version=settings.dialect_business_reject_version)
        case VenueMode.UNAVAILABLE:
            return UnavailableVenue(name_version=settings.dialect_business_reject_version)
        case unknown:
            assert_never(unknown)

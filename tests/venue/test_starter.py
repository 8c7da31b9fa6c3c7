from __future__ import annotations

from decimal import Decimal

import pytest

from fixgate.venue import (
    EchoVenue,
    Exchange,
    Instrument,
    VenueMode,
    VenueSettings,
    default_instruments,
    make_venue,
)
from fixgate.venue.unavailable import UnavailableVenue


def test_abc_and_xyz_are_there_by_default():
    instruments = {each.symbol: each for each in default_instruments()}
    assert len(instruments) == len(default_instruments())
    for symbol in ("ABC", "XYZ"):
        assert instruments[symbol] == Instrument(symbol, Decimal("0.01"), Decimal(1), Decimal(100))


def test_a_venue_without_instruments_trades_the_default_ones():
    venue = make_venue(VenueSettings())
    assert isinstance(venue, Exchange)
    assert [each.instrument for each in venue.listings] == list(default_instruments())
    assert all(each.house.whole for each in venue.listings)


def test_a_venue_trades_what_it_is_given():
    venue = make_venue(VenueSettings(instruments=(Instrument("ONE"),)))
    assert isinstance(venue, Exchange)
    assert [each.symbol for each in venue.listings] == [b"ONE"]


def test_an_echo_venue_is_built_on_demand():
    assert isinstance(make_venue(VenueSettings(mode=VenueMode.ECHO)), EchoVenue)


def test_an_unavailable_venue_is_built_on_demand():
    settings = VenueSettings(mode=VenueMode.UNAVAILABLE)
    assert isinstance(make_venue(settings), UnavailableVenue)


def test_a_tick_of_0_is_refused():
    with pytest.raises(ValueError, match="step of a scale: received 0, expected a number above 0"):
        make_venue(VenueSettings(instruments=(Instrument("ABC", tick=Decimal(0)),)))

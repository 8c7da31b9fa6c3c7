"""The simulated exchange, pure."""

# .echo
from fixgate.venue.echo import EchoVenue, GroupLookup, GroupShape

# .exchange
from fixgate.venue.exchange import Exchange

# .model
from fixgate.venue.model import Client, Instrument, Reply, Venue, VenueMode, VenueSettings

# .starter
from fixgate.venue.starter import default_instruments, make_venue

__all__ = [
    "Client",
    "EchoVenue",
    "Exchange",
    "GroupLookup",
    "GroupShape",
    "Instrument",
    "Reply",
    "Venue",
    "VenueMode",
    "VenueSettings",
    "default_instruments",
    "make_venue",
]

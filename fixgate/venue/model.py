"""What a venue is given and gives back. The venue knows no session, only clients and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Protocol

from fixgate.dictionary.version import FixVersion
from fixgate.wire.message import Message

__all__ = ["Client", "Instrument", "Reply", "Venue", "VenueMode", "VenueSettings"]


class VenueMode(Enum):
    """What the venue does with an order."""

    MATCH = "match"
    ECHO = "echo"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable instrument.

    Attributes:
        symbol: Symbol(55).
        tick: Smallest price step, above 0.
        lot: Smallest quantity step, above 0.
        reference: The price that the venue's own liquidity is centred on.
    """

    symbol: str
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal(1)
    reference: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """How a venue is set up.

    Attributes:
        mode: Match orders, echo them, or say that nobody is there to match them.
        instruments: What can be traded.
        liquidity_levels: Price levels of the venue's own quotes on each side, 0 for none.
        liquidity_quantity: Quantity at each level, in lots.
        cancel_on_disconnect: Cancel a client's resting Day orders when its session ends.
        dialect_business_reject_version: Add DefaultApplVerID(1137) to BusinessMessageReject.
    """

    mode: VenueMode = VenueMode.MATCH
    instruments: tuple[Instrument, ...] = field(default=())
    liquidity_levels: int = 5
    liquidity_quantity: int = 1000
    cancel_on_disconnect: bool = False
    dialect_business_reject_version: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """One logged-on counterparty.

    Attributes:
        key: Stable identity, such as the session's name; orders belong to it.
        version: The FIX version that its messages are in and its reports must be in.
    """

    key: str
    version: FixVersion


class Reply(NamedTuple):
    """A message for a client, without its session header (a tuple: one is made for every order).

    Attributes:
        client_key: Who it is for.
        msg_type: MsgType(35).
        body: Encoded body fields, ``tag=value<SOH>`` each, complete and in order.
        header: Extra header fields, such as PossResend(97); in ascending tag order.
    """

    client_key: str
    msg_type: bytes
    body: bytes
    header: tuple[tuple[int, bytes], ...] = ()


class Venue(Protocol):
    """What the gateway asks of a venue; pure, told the time."""

    def logged_on(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session is up."""

    def logged_out(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session has ended, cleanly or not."""

    def on_message(
        self, client: Client, message: Message, now_ns: int, *, poss_resend: bool = False
    ) -> list[Reply]:
        """An application message came, in sequence and valid by the dictionary."""

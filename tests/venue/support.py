"""Messages from literals, replies as literals: the tests' own reader and writer of FIX."""

from __future__ import annotations

from decimal import Decimal

from fixgate.dictionary.version import FixVersion
from fixgate.venue import Client, Exchange, Instrument, Reply, VenueSettings
from fixgate.wire.message import Message

# 2026-01-05 10:00:00.123 UTC.
NOW_NS = 1_767_607_200_123_000_000
STAMP_MS = "20260105-10:00:00.123"
STAMP_S = "20260105-10:00:00"
# The same instant in milliseconds, in base 36.
PREFIX = "MK0ZOSJF"

SOH = b"\x01"


def message(text: str, version: FixVersion = FixVersion.FIX44) -> Message:
    """Read ``35=D|34=2|11=A`` into a message of ``version``."""
    data = text.encode("latin-1").replace(b"|", SOH)
    fields = [part.partition(b"=") for part in data.split(SOH) if part]
    head = [(8, version.begin_string.encode()), (9, b"0")]
    pairs = head + [(int(tag), value) for tag, _, value in fields] + [(10, b"000")]
    return Message(data, [tag for tag, _ in pairs], [value for _, value in pairs])


def shown(replies: list[Reply]) -> list[str]:
    """Write replies as ``ALICE 8 6=0|11=A``, the start of the identifiers as ``#``."""
    return [
        f"{reply.client_key} {reply.msg_type.decode()} "
        + reply.body.replace(SOH, b"|").decode("latin-1").removesuffix("|").replace(PREFIX, "#")
        for reply in replies
    ]


def fields_of(reply: Reply) -> dict[int, str]:
    """Read the body of a reply; a tag that stands twice fails."""
    found: dict[int, str] = {}
    assert reply.body.endswith(SOH)
    for part in reply.body.removesuffix(SOH).split(SOH):
        tag, _, value = part.partition(b"=")
        assert int(tag) not in found
        found[int(tag)] = value.decode("latin-1")
    return found


class Desk:
    """One client at a venue, who speaks in literals."""

    def __init__(self, venue: Exchange, key: str, version: FixVersion = FixVersion.FIX44) -> None:
        self.venue = venue
        self.client = Client(key, version)

    def send(self, text: str, *, poss_resend: bool = False, now_ns: int = NOW_NS) -> list[Reply]:
        sent = message(text, self.client.version)
        return self.venue.on_message(self.client, sent, now_ns, poss_resend=poss_resend)

    def says(self, text: str, *, poss_resend: bool = False) -> list[str]:
        return shown(self.send(text, poss_resend=poss_resend))

    def new(
        self,
        cl_ord_id: str,
        side: str,
        quantity: str,
        price: str | None,
        *,
        time_in_force: str | None = None,
        symbol: str = "ABC",
    ) -> list[Reply]:
        text = f"35=D|34=2|11={cl_ord_id}|38={quantity}"
        text += "|40=1" if price is None else f"|40=2|44={price}"
        text += f"|54={side}|55={symbol}"
        if time_in_force is not None:
            text += f"|59={time_in_force}"
        return self.send(text)


def open_venue(*, levels: int = 0, quantity: int = 1000, **settings: bool) -> Exchange:
    """Open ABC (tick 0.01, lot 1) and LOTS (tick 0.25, lot 10), without liquidity."""
    return Exchange(
        VenueSettings(
            instruments=(
                Instrument("ABC"),
                Instrument("LOTS", tick=Decimal("0.25"), lot=Decimal(10)),
            ),
            liquidity_levels=levels,
            liquidity_quantity=quantity,
            **settings,
        )
    )

"""Messages and ways of feeding them that several test modules share."""

from __future__ import annotations

from collections.abc import Iterator

import simplefix

from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.limits import DEFAULT_LIMITS, Limits
from fixgate.wire.message import Message
from tests.fixtext import fix

LOGON = fix("35=A|34=1|49=TW|52=20261122-10:30:00.123|56=ISLD|98=0|108=30")
HEARTBEAT = fix("35=0|34=2|49=TW|52=20261122-10:30:01|56=ISLD")
ORDER = fix(
    "35=D|34=3|49=TW|52=20261122-10:30:02.000|56=ISLD|11=ID|21=3|38=100|40=1|54=1|55=INTC"
    "|60=20261122-10:30:02"
)
SIGNED = fix("35=B|34=4|49=TW|56=ISLD|148=x|95=14|96=a\x0110=123\x018=FIX|93=3|89=a\x01b")


def chunkings(stream: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and in halves at every byte."""
    yield [stream]
    yield [bytes([b]) for b in stream]
    for cut in range(1, len(stream), 1 if len(stream) < 400 else 7):
        yield [stream[:cut], stream[cut:]]


def fed(
    chunks: list[bytes], limits: Limits = DEFAULT_LIMITS, *, to_checksum: bool = False
) -> tuple[list[Message | Garbled], Framer]:
    """Everything that comes out of a new framer, and the framer."""
    framer = Framer(limits, garbled_ends_at_checksum=to_checksum)
    found = []
    for chunk in chunks:
        found += framer.feed(chunk)
    return found, framer


def messages(found: list[Message | Garbled]) -> list[bytes]:
    return [item.raw for item in found if isinstance(item, Message)]


def runs(found: list[Message | Garbled]) -> list[tuple[object, ...]]:
    """Messages and garbled runs, pieces of one run put together: what no chunking may change."""
    merged: list[tuple[object, ...]] = []
    for item in found:
        if isinstance(item, Message):
            merged.append((item.raw,))
        elif item.continued:
            offset, data, reason = merged.pop()
            assert item.reason is reason
            assert item.offset == offset + len(data)
            merged.append((offset, data + item.data, reason))
        else:
            merged.append((item.offset, item.data, item.reason))
    return merged


def built(fields: list[tuple[int, bytes]], begin: bytes = b"FIX.4.4", kind: bytes = b"D") -> bytes:
    """A message by simplefix."""
    message = simplefix.FixMessage()
    message.append_pair(8, begin)
    message.append_pair(35, kind)
    for tag, value in fields:
        message.append_pair(tag, value)
    return message.encode()

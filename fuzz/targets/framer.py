"""The framer: a stream of bytes goes in.

Contract: every byte comes out once and in order, in a message, in a garbled piece or as pending;
how the stream is chunked changes nothing; a message is one by its BodyLength(9) and CheckSum(10)
as a reader of the fuzzer's own counts them; no more is pending than is promised; what a secret
may stand in shows in no text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from zlib import crc32

from fixgate.wire import DEFAULT_LIMITS, Framer, Garbled, Limits, Message
from fuzz.clean import is_clean
from fuzz.damage import damage
from fuzz.peer import build
from fuzz.seeds import VERSIONS
from fuzz.stories import any_fields
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_HELD_BYTES = 4096  # of a run of garbled fields, beside a message
_SMALL = Limits(max_message_bytes=600, max_fields=40)
_MOST_BYTES = 1 << 17
_NOW_NS = 1_772_442_000_000_000_000


def make(dice: random.Random) -> bytes:
    """Return a stream of messages, most of them sound ones with something wrong inside."""
    parts = [_starts(dice)] if dice.random() < 0.05 else []
    for _ in range(dice.choice((1, 3, 10))):
        version = dice.choice(tuple(VERSIONS))
        begin = VERSIONS[version][0].encode()
        raw = build(any_fields(dice, version), begin, next_in=2, next_out=2, now_ns=_NOW_NS)
        if dice.random() < 0.3:
            raw = damage(dice, raw)
        parts.append(raw * dice.choices((1, 2, 70), (60, 5, 1))[0])
    return b"".join(parts)[:_MOST_BYTES]


def _starts(dice: random.Random) -> bytes:
    """Return a great many starts of messages that claim to be long, or end in one another."""
    unit = (
        b"8=FIX" * dice.choice((1, 1, 2, 7))
        + dice.choice((b"", b".4.4"))
        + b"\x019=%d"
        % dice.choice((1, 5, 60, 20_000, 20_025, 60_000, 99_999, dice.randrange(65_000)))
        + dice.choice((b"", b"\x0135=0", b"\x0135=0", b"\x0135=0"))
        + dice.choice((b"", b"", b"\x0195=1\x0196=a", b"\x0195=9\x0196=a\x0110=000\x01b"))
        + dice.choice((b"", b"\x0110=000", b"\x0110=0"))
        + b"\x01"
    )
    count = dice.choice((20, 62_000 // len(unit)))
    return b"x\x01" + unit * count + dice.choice((b"", b"10=0\x01", b"10=000\x01"))


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the stream damaged, or with more behind it."""
    return (damage(dice, data) if dice.random() < 0.7 else data + make(dice))[:_MOST_BYTES]


def run(data: bytes, watch: Watch, kind: type[Framer] = Framer) -> None:
    """Frame a stream whole, and again in pieces."""
    dice = random.Random(crc32(data))
    limits = dice.choice((DEFAULT_LIMITS, _SMALL))
    to_checksum = dice.random() < 0.4
    found = []
    for pieces in ([data], list(_cut(dice, data))):
        framer = kind(limits, garbled_ends_at_checksum=to_checksum)
        found.append(_fed(framer, pieces, limits, watch))
    whole, chunked = found
    assert _runs(whole) == _runs(chunked), "chunking changes what is found"
    assert b"".join(map(_bytes_of, whole)) == data, "a byte is lost or doubled"
    offset = 0
    for item in whole:
        if isinstance(item, Message):
            _judge(item)
        else:
            assert item.offset == offset, f"said to be at {item.offset}, is at {offset}"
            assert is_clean(item.text), repr(item.text)
        offset += len(_bytes_of(item))
    watch.messages += len(whole)
    watch.fed += len(whole)
    watch.framed += sum(isinstance(item, Message) for item in whole)


def _cut(dice: random.Random, data: bytes) -> Iterator[bytes]:
    sizes = dice.choice(((1,), (1, 2, 30), (3, 200, 1460), (7, 65_536)))
    if len(data) > 20_000:
        sizes = (1460, 1459)
    at = 0
    while at < len(data):
        size = dice.choice(sizes)
        yield data[at : at + size]
        at += size


def _fed(
    framer: Framer, pieces: list[bytes], limits: Limits, watch: Watch
) -> list[Message | Garbled]:
    found: list[Message | Garbled] = []
    for piece in pieces:
        for at in range(0, len(piece), 65_536):
            found += watch.time("framing", framer.feed, piece[at : at + 65_536])
            assert framer.pending <= limits.max_message_bytes + _HELD_BYTES
    rest = framer.end()
    return found if rest is None else [*found, rest]


def _bytes_of(item: Message | Garbled) -> bytes:
    return item.raw if isinstance(item, Message) else item.data


def _runs(found: list[Message | Garbled]) -> list[tuple[object, ...]]:
    """Messages, and garbled runs whose pieces are put together: what no chunking may change."""
    merged: list[tuple[object, ...]] = []
    run = b""
    for item in found:
        if isinstance(item, Message):
            merged.append((item.raw, tuple(item.fields())))
        elif item.continued:
            start, reason, _ = merged.pop()
            assert reason is item.reason
            run += item.data
            merged.append((start, reason, run))
        else:
            run = item.data
            merged.append((item.offset, item.reason, run))
    return merged


def _judge(message: Message) -> None:
    raw = message.raw
    begin, length, rest = raw.split(b"\x01", 2)
    assert begin.startswith(b"8=FIX")
    assert int(length.removeprefix(b"9=")) == len(rest) - 7
    assert rest.startswith(b"35=")
    assert rest[-7:] == b"10=%03d\x01" % (sum(raw[:-7]) % 256)
    assert b"".join([b"%d=%b\x01" % field for field in message.fields()]) == raw
    for tag in set(message.tags):
        assert message[tag] == message.values[message.tags.index(tag)]

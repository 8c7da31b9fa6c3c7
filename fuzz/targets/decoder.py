"""The decoder and the encoder: the bytes of one message go in.

Contract: `decode` returns a message or what is wrong with the bytes; what a message has for fields
is what `encode_fields` makes the same bytes of, or refuses for one of its reasons; timestamps that
are taken are written back as they were; `mask` makes text that can be printed of anything, and
hides a password.
"""

from __future__ import annotations

import random

from fixgate.errors import LocalProtocolError
from fixgate.wire import (
    Garbled,
    Message,
    checksum,
    decode,
    encode_fields,
    finish,
    format_utc_timestamp,
    mask,
    parse_utc_timestamp,
    utc_ns,
)
from fuzz.clean import is_clean
from fuzz.damage import damage
from fuzz.targets.framer import make as any_stream
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_SECRETS = (96, 554, 925, 1402, 1404)


def make(dice: random.Random) -> bytes:
    """Return a message or a few, as the framer's target has them."""
    return any_stream(dice)


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the bytes damaged."""
    return damage(dice, data)


def run(data: bytes, watch: Watch) -> None:
    """Decode what there is, and every message in it."""
    _decode(data, watch)
    start = 0
    while (end := data.find(b"\x018=FIX", start)) >= 0:
        _decode(data[start : end + 1], watch)
        start = end + 1
    _decode(data[start:], watch)


def _decode(data: bytes, watch: Watch) -> None:
    found = watch.time("decoding", decode, data)
    watch.messages += 1
    shown = watch.time("masking", mask, data)
    assert is_clean(shown), repr(shown)
    assert checksum(data) == sum(data) % 256
    if isinstance(found, Garbled):
        assert found.data == data
        assert is_clean(found.text), repr(found.text)
        return
    watch.framed += 1
    assert b"".join([b"%d=%b\x01" % field for field in found.fields()]) == data
    _encode(found)
    for value in found.values:
        _timestamp(value)
    assert shown == _masked(found), "another text than the fields make"


def _masked(message: Message) -> str:
    fields = (
        b"%d=%b\x01" % (tag, b"***" if tag in _SECRETS else value)
        for tag, value in message.fields()
    )
    text = b"".join(fields).replace(b"\x01", b"|").decode("latin-1")
    return "".join(c if is_clean(c) else f"\\x{ord(c):02x}" for c in text)


def _encode(message: Message) -> None:
    fields = list(message.fields())[2:-1]
    try:
        body = encode_fields(fields)
    except LocalProtocolError:
        return  # an empty value, an SOH inside, a tag that is none
    assert finish(message.begin_string, body) == message.raw


def _timestamp(value: bytes) -> None:
    if not 17 <= len(value) <= 30:
        return
    at = parse_utc_timestamp(value)
    assert (None if at is None else at.ns) == utc_ns(value)
    if at is None:
        return
    assert 0 <= at.picoseconds < 1000
    leap = value[15:17] == b"60"  # an instant that has another name, at the end of time none
    if not leap and not at.picoseconds:
        written = format_utc_timestamp(at.ns, at.digits)
        assert written == value, f"{value!r} becomes {written!r}"

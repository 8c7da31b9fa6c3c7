"""What holds for every stream."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest
import simplefix
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.encode import encode_fields, finish
from fixgate.wire.fields import FieldWalk
from fixgate.wire.frame import decode
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import GarbledReason
from fixgate.wire.limits import DEFAULT_LIMITS, Limits
from fixgate.wire.message import Message
from fixgate.wire.stray import stray_delimiter
from tests.fixtext import fix, soh
from tests.wire.samples import HEARTBEAT, LOGON, ORDER, SIGNED, built, fed, messages, runs

SLOW = settings(max_examples=150, deadline=None)
DATA_TAGS = set(DATA_FIELDS) | set(DATA_FIELDS.values())

tags = st.integers(11, 60_000).filter(lambda t: t not in DATA_TAGS and t not in (34, 35, 52))
values = st.binary(min_size=1, max_size=30).map(lambda b: b.replace(b"\x01", b"?"))
fields = st.lists(st.tuples(tags, values), max_size=40)

# Pieces of FIX and of what goes wrong with it.
scraps = st.one_of(
    st.sampled_from(
        [
            *(LOGON, HEARTBEAT, ORDER, SIGNED, HEARTBEAT[:-9], ORDER[5:]),
            *(b"8=FIX", b"8=FIX.4.4\x01", b"9=", b"\x01", b"=", b"10=000\x01", b"\x0110="),
            *(b"35=0\x01", b"95=5\x0196=", b"554=", b"8=FIXT.1.1\x019=1"),
            b"8=FIX.4.4\x019=30\x0135=0\x01",
            b"8=FIX.4.4\x019=500\x0135=0\x01",
            b"8=FIX.4.4\x019=99\x0135=0\x0195=60\x0196=",
        ]
    ),
    st.binary(max_size=12),
)
streams = st.lists(scraps, max_size=12).map(b"".join)


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(stream[at : at + size])
        at += size
    return [*chunks, stream[at:]]


@given(streams, st.lists(st.integers(0, 60), max_size=30), st.booleans())
@SLOW
def test_chunking_changes_nothing(stream, sizes, to_checksum):
    limits = Limits(max_message_bytes=400)
    whole, one = fed([stream], limits, to_checksum=to_checksum)
    chunked, other = fed(cut(stream, sizes), limits, to_checksum=to_checksum)
    bytewise, third = fed([bytes([b]) for b in stream], limits, to_checksum=to_checksum)
    for framer, found in ((one, whole), (other, chunked), (third, bytewise)):
        rest = framer.end()
        if rest is not None:
            found.append(rest)
    assert runs(whole) == runs(chunked) == runs(bytewise)


@given(streams, st.booleans())
@SLOW
def test_every_byte_comes_out_once_and_in_order(stream, to_checksum):
    found, framer = fed([stream], to_checksum=to_checksum)
    out = b"".join(item.raw if isinstance(item, Message) else item.data for item in found)
    assert out + framer.take_pending() == stream


@given(streams, st.lists(st.integers(0, 60), max_size=30), st.booleans())
@SLOW
def test_pending_is_bounded(stream, sizes, to_checksum):
    framer = Framer(Limits(max_message_bytes=100), garbled_ends_at_checksum=to_checksum)
    for chunk in cut(stream * 4, sizes * 4):
        framer.feed(chunk)
        assert framer.pending <= 100 + 4096


@given(st.one_of(st.binary(max_size=300), streams))
@SLOW
def test_no_bytes_raise(data):
    decode(data)
    decode(LOGON[:20] + data)
    fed([LOGON + data])
    decode(fix(b"35=0|" + data))


@given(fields)
@SLOW
def test_what_simplefix_builds_we_decode(pairs):
    message = decode(built(pairs))
    assert isinstance(message, Message)
    assert list(message.fields())[3:-1] == pairs
    for tag, value in reversed(pairs):
        assert message.get(tag) is not None
        if [t for t, _ in pairs].count(tag) == 1:
            assert message[tag] == value


@given(fields)
@SLOW
def test_what_we_encode_simplefix_reads(pairs):
    raw = finish(b"FIX.4.4", b"35=D\x01" + encode_fields(pairs))
    assert raw == built(pairs)
    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    read = parser.get_message()
    expected = [(8, b"FIX.4.4"), (9, raw.split(b"\x01")[1][2:]), (35, b"D"), *pairs]
    assert [(int(t), v) for t, v in read.pairs[:-1]] == expected


@given(st.lists(st.sampled_from(sorted(DATA_FIELDS)), min_size=1, max_size=4), st.data())
@SLOW
def test_data_fields_hold_any_bytes(lengths, data):
    pairs = []
    for tag in lengths:
        value = data.draw(st.binary(min_size=1, max_size=40))
        pairs += [(tag, b"%d" % len(value)), (DATA_FIELDS[tag], value), (58, b"x")]
    raw = built(pairs)
    for chunks in ([raw + ORDER], [bytes([b]) for b in raw + ORDER]):
        assert messages(fed(chunks)[0]) == [raw, ORDER]
    message = decode(raw)
    assert list(message.fields())[3:-1] == pairs
    assert encode_fields(pairs) == raw.partition(b"35=D\x01")[2][:-7]


@given(st.one_of(fields.map(built), streams.map(lambda s: fix(b"35=0|" + s))))
@SLOW
def test_the_fast_way_and_the_careful_way_agree(raw):
    body, end = raw.index(b"35="), len(raw) - 7
    walk = FieldWalk(raw, body, end, DEFAULT_LIMITS)
    flaw = walk.run(end)
    message = decode(raw)
    if isinstance(message, Message) and stray_delimiter(message) is not None:
        assert flaw.reason is GarbledReason.FIELD
        assert b"".join(b"%d=%b\x01" % field for field in message.fields()) == raw
    elif isinstance(message, Message):
        assert flaw is None
        assert list(message.fields())[:-1] == list(zip(walk.tags, walk.values, strict=True))
    else:
        assert flaw is not None
        assert (message.reason, message.text) == (flaw.reason, flaw.text)


@pytest.mark.parametrize("seed", range(5))
def test_random_corruption_loses_only_what_it_hits(seed):
    rng = random.Random(seed)
    originals = []
    for n in range(1, 400):
        body = f"35=D|34={n}|49=TW|52=20261122-10:30:00.{n:03}|56=ISLD|11=ID{n}|38=100|40=1"
        originals.append(fix(body + ("|95=8|96=a\x0110=1\x01b" if n % 10 == 0 else "")))
    damaged, intact, last_hit = [], [], False
    for raw in originals:
        copy = bytearray(raw)
        for at in range(len(copy)):
            if rng.random() < 1e-3:
                copy[at] ^= 1 << rng.randrange(8)
        damaged.append(bytes(copy))
        if copy == raw:
            intact.append(raw)
        last_hit = copy != raw
    assert len(intact) < len(originals)
    stream = b"".join(damaged) + (ORDER if last_hit else b"")
    intact += [ORDER] if last_hit else []
    for size in (1, 7, 1460, len(stream)):
        found, _ = fed([stream[at : at + size] for at in range(0, len(stream), size)])
        got = messages(found)
        # Damage that leaves a message whole is possible only where sums and lengths still hold.
        assert [raw for raw in got if raw in intact] == intact
        assert len(got) == len(intact)


HOSTILE = {
    "garbage without SOH": b"x" * 2_000_000,
    "SOH alone": b"\x01" * 500_000,
    "starts": b"8=FIX" * 100_000,
    "headers": soh("8=FIX.4.4|9=65000|35=B|") * 20_000,
    "headers with data": soh("8=FIX.4.4|9=65000|35=B|95=60000|96=") * 15_000,
    "endless field": soh("8=FIX.4.4|9=65000|35=B|58=") + b"y" * 1_000_000,
    "checksums in data": soh("8=FIX.4.4|9=65000|35=B|") + soh("95=9|96=|10=111||") * 60_000,
    "garbled fields": soh("8=FIX.4.4|9=x|") + soh("58=abc|") * 100_000,
    # In a run, each start would have the same bytes read again: to its end, to the CheckSum(10)
    # that comes before, or for a sum. 64 KiB of any of these took from 20 ms to two seconds.
    "starts that end in one another": b"x\x01" + soh("8=FIX|9=20025|35=0|10=000|") * 20_000,
    "starts that end too early": b"x\x01" + (soh("8=FIX|9=60000|35=0|") * 3000 + soh("10=0|")) * 8,
    "starts with data": b"x\x01" + (soh("8=FIX|9=60000|35=0|95=1|96=a|") * 2000 + soh("10=0|")) * 8,
    "starts in data": b"x\x01" + soh("8=FIX|9=60000|35=0|95=9|96=a|10=000|b|10=0|") * 12_000,
    "short starts": b"x\x01" + soh("8=FIX8=FIX|9=5|35=0|10=0") * 20_000,
    "starts of nothing": b"x\x01" + soh("8=FIX|9=1|") * 40_000,
    "almost data": soh("8=FIX.4.4|9=60000|35=B|95=59000|96=") + soh("|10=000") * 100_000,
}


@pytest.mark.parametrize("to_checksum", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_megabytes_take_linear_time_and_little_memory(name, to_checksum):
    stream = HOSTILE[name]
    framer = Framer(garbled_ends_at_checksum=to_checksum)
    begun = time.process_time()
    for at in range(0, len(stream), 1000):
        framer.feed(stream[at : at + 1000])
        assert framer.pending <= 65_536 + 4096
    spent = time.process_time() - begun
    # Quadratic work on these streams takes minutes.
    assert spent < 10


@pytest.mark.parametrize("name", ["garbage without SOH", "endless field", "garbled fields"])
def test_hostile_bytes_one_by_one(name):
    stream = HOSTILE[name][:100_000]
    framer = Framer()
    begun = time.process_time()
    for byte in stream:
        framer.feed(bytes([byte]))
    assert time.process_time() - begun < 10


def test_memory_is_bounded_in_megabytes_of_garbage():
    framer = Framer()
    framer.feed(LOGON)
    chunk = HOSTILE["headers"][:64_000]
    tracemalloc.start()
    try:
        for _ in range(3):
            framer.feed(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000

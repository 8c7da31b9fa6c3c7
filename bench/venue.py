"""Nanoseconds per message through the matching venue, without sessions, dictionary or sockets.

    python bench/venue.py [REPEATS]

Messages are made in batches just before they are handed over, as they would come from the
decoder: still in the processor's cache. Each figure is over the batches of all repeats, 20 000
messages each: the best (the floor, which noise cannot lower) and the median.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from statistics import median

from fixgate.dictionary.version import FixVersion
from fixgate.venue import Client, Exchange, Instrument, VenueSettings
from fixgate.wire.message import Message

MESSAGES = 20_000
BATCH = 100
NOW_NS = 1_767_261_600_000_000_000


def message(msg_type: bytes, number: int, *fields: tuple[int, bytes]) -> Message:
    head = ((8, b"FIX.4.4"), (9, b"150"), (35, msg_type), (34, b"%d" % number))
    ids = ((49, b"CLIENT"), (52, b"20260101-10:00:00.000"), (56, b"VENUE"))
    tags, values = zip(*head, *ids, *fields, (10, b"000"), strict=True)
    return Message(b"", list(tags), list(values))


def new(number: int, side: bytes, price: bytes) -> Message:
    return message(
        b"D",
        number,
        (11, b"C%07d" % number),
        (38, b"100"),
        (40, b"2"),
        (44, price),
        (54, side),
        (55, b"ABC"),
        (59, b"0"),
        (60, b"20260101-10:00:00.000"),
    )


def resting() -> Iterator[Message]:
    for number in range(MESSAGES):
        yield new(number, b"1", b"%d.%02d" % (90 + number % 7, number % 100))


def crossing() -> Iterator[Message]:
    for number in range(MESSAGES):
        yield new(number, b"1" if number % 2 else b"2", b"98.25")


def canceling() -> Iterator[Message]:
    for number in range(0, MESSAGES, 2):
        yield new(number, b"1", b"90.25")
        fields = (11, b"X%07d" % number), (41, b"C%07d" % number), (54, b"1"), (55, b"ABC")
        yield message(b"F", number + 1, *fields)


def run(messages: Iterator[Message]) -> list[float]:
    """Return the nanoseconds per message of each batch."""
    client = Client("CLIENT", FixVersion.FIX44)
    settings = VenueSettings(
        instruments=(Instrument("ABC", reference=Decimal(100)),), liquidity_levels=0
    )
    venue = Exchange(settings)
    venue.logged_on(client, NOW_NS)
    on_message = venue.on_message
    now_ns, found = NOW_NS, []
    while batch := list(islice(messages, BATCH)):
        begin = time.perf_counter_ns()
        for each in batch:
            now_ns += 20_000
            on_message(client, each, now_ns)
        found.append((time.perf_counter_ns() - begin) / len(batch))
    return found


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    for name, messages in (
        ("acknowledged and resting", resting),
        ("every second one filled", crossing),
        ("entered, then canceled", canceling),
    ):
        batches: list[float] = []
        for _ in range(repeats):
            gc.collect()
            gc.freeze()
            batches += run(messages())
            gc.unfreeze()
        print(
            f"{name:26} {min(batches):6.0f} ns a message at best, {median(batches):6.0f} ns median"
        )


if __name__ == "__main__":
    main()

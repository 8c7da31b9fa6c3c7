"""Nanoseconds per message of the codec, beside simplefix and QuickFIX's Python binding.

    python bench/codec.py [--repeats N] [--json]

What is measured, on one ExecutionReport of 205 bytes:

* decode: frame, verify BodyLength(9) and CheckSum(10), split into fields, read six of them;
* encode: fill a body, add BeginString(8), BodyLength(9) and CheckSum(10).

simplefix verifies neither length nor checksum when it reads. QuickFIX is measured where the
package `quickfix` is importable, with integer tags, its fastest way from Python. Contenders take
turns within every repeat and the best of all repeats counts, so that a busy machine slows all of
them alike; only the ratios mean anything on another machine.

Exits with 1 when decode plus encode is less than ten times faster than simplefix.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable

import simplefix

from fixgate.wire import Framer, Message, encode_fields, finish

REQUIRED_RATIO = 10.0
SIX = (34, 37, 11, 150, 39, 151)
FIELDS = [
    (49, "VENUE"),
    (56, "CLIENT1"),
    (34, "1234"),
    (52, "20261122-10:30:00.123"),
    (37, "ORD0001234"),
    (11, "CL001234"),
    (17, "EXEC00001234"),
    (150, "0"),
    (39, "0"),
    (55, "ABC"),
    (54, "1"),
    (38, "100"),
    (44, "100.25"),
    (151, "100"),
    (14, "0"),
    (6, "0"),
    (60, "20261122-10:30:00.123"),
]
BODY = "35=8\x01" + "".join(f"{tag}={value}\x01" for tag, value in FIELDS)
HEAD = f"8=FIX.4.4\x019={len(BODY)}\x01{BODY}"
RAW = f"{HEAD}10={sum(HEAD.encode()) % 256:03}\x01".encode()

Work = Callable[[], object]


def ours() -> dict[str, Work]:
    """Our codec: decode, the body as one template, and the general encoder."""
    framer = Framer()
    template = b"35=8\x01" + b"".join(b"%d=%%b\x01" % tag for tag, _ in FIELDS)
    values = tuple(value.encode() for _, value in FIELDS)
    pairs = [(tag, value.encode()) for tag, value in FIELDS]

    def decode() -> object:
        (message,) = framer.feed(RAW)
        if not isinstance(message, Message):
            raise TypeError(message)
        get = message.get
        return [get(34), get(37), get(11), get(150), get(39), get(151)]

    def encode() -> object:
        return finish(b"FIX.4.4", template % values)

    def general() -> object:
        return finish(b"FIX.4.4", b"35=8\x01" + encode_fields(pairs))

    if not encode() == general() == RAW:
        raise ValueError("what we build is not the reference message")
    return {"decode": decode, "encode": encode, "encode, any fields": general}


def simplefix_codec() -> dict[str, Work]:
    """A new simplefix parser for each message, as its documentation does for each connection."""

    def decode() -> object:
        parser = simplefix.FixParser()
        parser.append_buffer(RAW)
        message = parser.get_message()
        return [message.get(tag) for tag in SIX]

    def encode() -> object:
        message = simplefix.FixMessage()
        message.append_pair(8, b"FIX.4.4")
        message.append_pair(35, b"8")
        for tag, value in FIELDS:
            message.append_pair(tag, value)
        return message.encode()

    return {"decode": decode, "encode": encode}


def quickfix_codec() -> dict[str, Work] | None:
    """QuickFIX's binding with integer tags, or ``None`` where it is not installed."""
    try:
        quickfix = importlib.import_module("quickfix")
    except ImportError:
        return None
    text = RAW.decode()

    def decode() -> object:
        message = quickfix.Message(text, True)
        header = message.getHeader()
        return [header.getField(34), *(message.getField(tag) for tag in SIX[1:])]

    def encode() -> object:
        message = quickfix.Message()
        header = message.getHeader()
        header.setField(8, "FIX.4.4")
        header.setField(35, "8")
        for tag, value in FIELDS[:4]:
            header.setField(tag, value)
        for tag, value in FIELDS[4:]:
            message.setField(tag, value)
        return message.toString()

    return {"decode": decode, "encode": encode}


def best_ns(contenders: dict[tuple[str, str], Work], repeats: int) -> dict[tuple[str, str], float]:
    """Time each in turn, ``repeats`` times over, about 10 ms at a time; return the best of each."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(repeats):
        for name, work in contenders.items():
            once = best[name] if best[name] < 1e9 else 50_000.0
            count = max(20, int(10e6 / once))
            begun = time.perf_counter_ns()
            for _ in range(count):
                work()
            best[name] = min(best[name], (time.perf_counter_ns() - begun) / count)
    return best


def show(best: dict[tuple[str, str], float]) -> None:
    """Print one row for each contender, with its time as a multiple of ours."""
    print(f"ExecutionReport of {len(RAW)} bytes, best of all repeats, ns per message")
    print(f"{'':12}{'decode':>10}{'encode':>10}{'both':>10}{'ratio':>8}")
    own = best["fixgate", "decode"] + best["fixgate", "encode"]
    for name in dict.fromkeys(name for name, _ in best):
        decode, encode = best[name, "decode"], best[name, "encode"]
        both = decode + encode
        print(f"{name:12}{decode:10.0f}{encode:10.0f}{both:10.0f}{both / own:7.1f}x")
    general = best["fixgate", "encode, any fields"]
    print(f"fixgate's encode_fields() with any fields instead of a template: {general:.0f} ns")


def main() -> int:
    """Measure, print, and say whether the requirement is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    found = {"fixgate": ours(), "simplefix": simplefix_codec(), "quickfix": quickfix_codec()}
    contenders = {
        (name, what): work
        for name, codec in found.items()
        if codec is not None
        for what, work in codec.items()
    }
    best = best_ns(contenders, options.repeats)
    both = {name: best[name, "decode"] + best[name, "encode"] for name, _ in best}
    ratio = both["simplefix"] / both["fixgate"]
    if options.json:
        rows = {f"{name}: {what}": round(ns) for (name, what), ns in best.items()}
        print(json.dumps({"bytes": len(RAW), "ns": rows, "simplefix_ratio": round(ratio, 1)}))
    else:
        show(best)
    if ratio < REQUIRED_RATIO:
        print(f"only {ratio:.1f} times faster than simplefix", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

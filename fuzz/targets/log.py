"""The log reader and the viewer: the bytes of a log go in.

Contract: nothing is raised; whatever is shown has no control characters but line ends, and no
password where a field of one can be told; lines are numbered upwards, and a log that comes in
small pieces reads as it does whole.
"""

from __future__ import annotations

import gzip
import io
import json
import random
from typing import BinaryIO, cast

from fixgate.net.logfile import LogEntry, Unreadable, read_log
from fixgate.net.unpacked import open_unpacked
from fixgate.report.view import Glossary, Viewer
from fuzz.clean import is_clean
from fuzz.damage import damage
from fuzz.peer import build
from fuzz.scratch import scratch
from fuzz.seeds import VERSIONS
from fuzz.stories import any_fields
from fuzz.text import changed_text
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_NOW_NS = 1_772_442_000_000_000_000
_SEPARATORS = (b"\x01", b"|", b" | ", b"^A", b"^", b"\\x01", b"<SOH>", b"[SOH]", b";", b"\t")
_BEFORE = (
    *(b"", b"20260302-09:00:00.000 : ", b"2026-03-02T09:00:00,123 INFO in: ", b"> ", b"<-- "),
    *(b"<20260302-09:00:00, FIX.4.4:US->VENUE, incoming>\n  (", b"[out] ", b"09:00:00 sent "),
)
_WORDS = (
    *(b"8=FIX.4.4", b"8=FIX", b"9=", b"10=000", b"35=", b"554=x", b"|", b"\x01", b"^A", b";"),
    *(b"", b"\xff", b"\x1b[2J", "\u202e".encode(), b"<a, b->c, incoming>", b"9" * 30, b"->"),
)
_SECRET = "peer-password"
_SECRETS = (96, 554, 925, 1402, 1404)


def make(dice: random.Random) -> bytes:
    """Return a log of a few messages in one habit or several."""
    lines = []
    separator = dice.choice(_SEPARATORS)
    for _ in range(dice.choice((1, 2, 8))):
        version = dice.choice(tuple(VERSIONS))
        begin = VERSIONS[version][0].encode()
        fields = any_fields(dice, version)
        raw = build(fields, begin, next_in=2, next_out=2, now_ns=_NOW_NS)[:5000]
        lines.append(dice.choice(_BEFORE) + raw.replace(b"\x01", separator))
    data = dice.choice((b"\n", b"\r\n", b"")).join(lines)
    if dice.random() < 0.6:
        data = changed_text(dice, data, _WORDS, dice.choice((1, 2, 3)))
    if dice.random() < 0.05:
        data = gzip.compress(data, 1)
        data = damage(dice, data) if dice.random() < 0.7 else data
    return data


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the log with lines, words or bytes changed."""
    return changed_text(dice, data, _WORDS, 1)


class _Slow(io.RawIOBase):
    """A log that comes in small pieces."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        """Return a few bytes."""
        return self._stream.read(min(97, size) if size >= 0 else 97)


def run(data: bytes, watch: Watch) -> None:
    """Read a log, and show every message of it."""
    path = scratch() / "some.log"
    path.write_bytes(data)
    with open_unpacked(path) as log:
        found = watch.read("reading", list, read_log(log))
    watch.messages += max(1, data.count(b"8=FIX"))
    if not data.startswith(b"\x1f\x8b"):
        slow = list(read_log(cast("BinaryIO", _Slow(data))))
        assert slow == found, "reads otherwise in pieces"
    viewer = Viewer(Glossary())
    before = 0
    for item in found:
        assert item.line >= before
        before = item.line
        if isinstance(item, Unreadable):
            assert is_clean(item.reason)
        else:
            watch.framed += 1
            _show(viewer, item)


def _show(viewer: Viewer, entry: LogEntry) -> None:
    dictionaries = viewer.glossary.dictionaries(entry)
    text = viewer.text(entry, dictionaries)
    assert is_clean(text.replace("\n", "")), repr(text)
    assert text.count("\n") == len(entry.fields) + 1
    values = json.dumps(viewer.json(entry, dictionaries))
    assert _SECRET not in repr(entry)
    elsewhere = any(_SECRET.encode() in value for tag, value in entry.fields if tag not in _SECRETS)
    assert elsewhere or (_SECRET not in text and _SECRET not in values)

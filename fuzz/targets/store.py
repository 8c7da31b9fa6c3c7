"""The readers of fixgate's own store: edits of a sound store go in (`fuzz.edits`).

Contract: nothing but `StoreError` is raised; a record that is handed out is one that was written,
byte for byte; whoever opens the store to write refuses it, or goes on with numbers that it held.
"""

from __future__ import annotations

import os
import random
import struct
from functools import cache
from pathlib import Path
from zlib import adler32, crc32

from fixgate.errors import StoreError
from fixgate.net.audit import AUDIT_NAME, AuditEntry, Numbers, append_audit
from fixgate.net.journal import JournalStore
from fixgate.net.lock import LOCK_NAME
from fixgate.net.readonly import ReadOnlyFolder, find_stores
from fixgate.net.records import RecordKind, Torn
from fixgate.net.segments import folder_name
from fixgate.net.settings import Durability
from fixgate.net.sides import read_sides
from fixgate.net.survey import Damage, StoreSurvey, read_sound, survey
from fixgate.report.export import read_rows
from fixgate.session.settings import SessionId
from fuzz.edits import Files, any_edits, changed_edits, edited
from fuzz.scratch import fresh_folder
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_ID = SessionId("FIX.4.4", "US", "VENUE")
_NOW_NS = 1_772_442_000_000_000_000
_FILE = struct.Struct("<8sHQqH")
_HEAD = struct.Struct("<IBQqI")
_SUM = struct.Struct("<I")
_NAMES = ("00000001.journal", "00000002.journal", LOCK_NAME, AUDIT_NAME)
_OTHERS = (*_NAMES, "00000003.journal", "1.journal", "new", "99999999999999999999.journal", "x")
_ENTRY = AuditEntry(1, "me@here", 7, Numbers(2, 1, 1), Numbers(2, 9, 1), "because")

Written = tuple[int, int, int, bytes]


def make(dice: random.Random) -> bytes:
    """Return a few edits."""
    return b"\n".join(any_edits(dice, _NAMES, _OTHERS, mends=True))


def change(dice: random.Random, data: bytes) -> bytes:
    """Return other edits."""
    return changed_edits(dice, data, any_edits(dice, _NAMES, _OTHERS, mends=True))


def run(data: bytes, watch: Watch) -> None:
    """Read a store that has been edited, in every way there is."""
    files, mended = edited(_sound(), data, _mended)
    root = fresh_folder("stores")
    folder = root / folder_name(_ID)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    watch.messages += 1
    found = watch.read("surveying", _survey, folder)
    if not mended:
        _only_what_was_written(folder)
    _others(root)
    _opened(root, found, watch)


def _survey(folder: Path) -> StoreSurvey | None:
    try:
        return survey(folder)
    except StoreError:
        return None


def _only_what_was_written(folder: Path) -> None:
    try:
        with ReadOnlyFolder(folder) as opened:
            for generation in opened.generations()[0]:
                with opened.segment(generation) as segment:
                    for item in read_sound(segment, segment.header().size):
                        if not isinstance(item, Damage | Torn):
                            assert item[1:] in _written(), f"never written: {item!r}"
    except StoreError:
        return


def _others(root: Path) -> None:
    """Whoever else reads stores."""
    try:
        for store in find_stores(root):
            list(read_rows(store))
        read_sides(root)
    except StoreError:
        return


def _opened(root: Path, found: StoreSurvey | None, watch: Watch) -> None:
    try:
        store = JournalStore(root, _ID, _NOW_NS)
    except StoreError:
        return
    watch.framed += 1
    try:
        newest = found.newest if found is not None else None
        if found is not None and newest is not None and not found.damage:
            assert (store.next_out, store.next_in) == (newest.next_out, newest.next_in)
        for seq_num, message in store.messages(1, store.next_out):
            assert 0 < seq_num < store.next_out
            assert isinstance(message, bytes)
    except StoreError:
        return
    finally:
        store.close()


@cache
def _sound() -> Files:
    """The files of a store: two generations, every kind of record, an audit trail."""
    root = fresh_folder("sound")
    store = JournalStore(root, _ID, _NOW_NS, durability=Durability.EACH)
    for number in range(1, 4):
        store.sent(number, b"8=FIX.4.4|35=0|34=%d|" % number * 3, _NOW_NS + number)
    store.flush()
    store.reset(_NOW_NS + 9)
    for number in range(1, 80):
        store.sent(number, b"8=FIX.4.4\x0135=D\x0134=%d\x0149=US\x0111=A\x01" % number, number)
        store.received(number + 1, b"8=FIX.4.4\x0135=8\x0134=%d\x0111=A\x01" % number, number)
        if number % 30 == 0:
            store.flush()
    store.set_next_in(90, _NOW_NS)
    store.set_next_out(100, _NOW_NS)
    store.sent(100, b"", -1)
    store.close()
    folder = root / folder_name(_ID)
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(2):
        append_audit(fd, str(folder), _ENTRY)
    os.close(fd)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@cache
def _written() -> frozenset[Written]:
    """Every record of the sound store, read by a reader of our own."""
    records = []
    for name in _NAMES[:2]:
        data = _sound()[name]
        at = _first_record(data)
        while at < len(data):
            size, kind, number, at_ns, _ = _HEAD.unpack_from(data, at)
            at += _HEAD.size + _SUM.size
            records.append((kind, number, at_ns, data[at : at + size]))
            at += size
    assert {kind for kind, *_ in records} == set(RecordKind)
    return frozenset(records)


def _first_record(data: bytes) -> int:
    return _FILE.size + int(_FILE.unpack_from(data)[4]) + _SUM.size


def _mended(data: bytes) -> bytes:
    """Return a journal's bytes with right checksums, as far as lengths lead from one to the next.

    What the readers make of wrong values behind right sums would never be seen otherwise.
    """
    if len(data) < _FILE.size:
        return data
    out = bytearray(data)
    at = _first_record(data)
    if at <= len(out):
        _SUM.pack_into(out, at - _SUM.size, crc32(out[: at - _SUM.size]))
    while at + _HEAD.size + _SUM.size <= len(out):
        size = _HEAD.unpack_from(out, at)[0]
        body = at + _HEAD.size + _SUM.size
        _SUM.pack_into(out, at + _HEAD.size - _SUM.size, adler32(out[body : body + size]))
        _SUM.pack_into(out, at + _HEAD.size, adler32(out[at : at + _HEAD.size]))
        at = body + size
    return bytes(out)

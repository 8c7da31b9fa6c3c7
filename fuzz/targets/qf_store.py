"""The reader of QuickFIX's FileStore: the name of an engine and edits of its files go in.

Contract: nothing but `StoreError` is raised; a message is one of the body's, whole; numbers are
numbers.
"""

from __future__ import annotations

import random
from functools import cache

from fixgate.errors import StoreError
from fixgate.net.quickfix_files import find_quickfix, read_bodies
from fixgate.net.sides import read_sides
from fuzz.edits import any_edits, changed_edits, edited
from fuzz.scratch import fresh_folder
from fuzz.watch import Watch
from tests.net.quickfix_stores import NAME, flavours

__all__ = ["change", "make", "run"]

_ENDINGS = ("seqnums", "senderseqnums", "targetseqnums", "session", "header", "body")
_NAMES = tuple(f"{NAME}.{ending}" for ending in _ENDINGS)


def make(dice: random.Random) -> bytes:
    """Return an engine and a few edits."""
    engine = dice.choice(tuple(flavours()))
    return b"\n".join([f"engine {engine}".encode(), *_edits(dice, engine)])


def change(dice: random.Random, data: bytes) -> bytes:
    """Return other edits, and the engine again."""
    head, _, rest = data.partition(b"\n")
    return head + b"\n" + changed_edits(dice, rest, _edits(dice, _engine(data)))


def _edits(dice: random.Random, engine: str) -> list[bytes]:
    return any_edits(dice, _sound(engine), _NAMES, mends=False)


def _engine(data: bytes) -> str:
    name = data.partition(b"\n")[0].removeprefix(b"engine ").decode("latin-1")
    return name if name in flavours() else "C++"


@cache
def _sound(engine: str) -> dict[str, bytes]:
    return {f"{NAME}.{ending}": data for ending, data in flavours()[engine].items()}


def run(data: bytes, watch: Watch) -> None:
    """Read a FileStore that has been edited."""
    files, _ = edited(_sound(_engine(data)), data)
    folder = fresh_folder("quickfix")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    watch.messages += 1
    try:
        for session in watch.read("reading", find_quickfix, folder):
            told = (session.next_sender, session.next_target)
            assert all(number is None or number >= 0 for number in told)
            body = files.get(f"{session.name}.body", b"")
            for number, message in read_bodies(session):
                assert number >= 1
                assert message in body
                watch.framed += 1
        read_sides(folder)
    except StoreError:
        return

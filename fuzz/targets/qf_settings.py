"""The importer of QuickFIX's settings files: the bytes of one go in.

Contract: a file of fixgate's that loads, or `ConfigError`; notes and mistakes have their line and
no value; a password is never copied.
"""

from __future__ import annotations

import random
from functools import cache

from fixgate.config import import_quickfix, load
from fixgate.errors import ConfigError
from fuzz.clean import is_clean
from fuzz.places import SAMPLES
from fuzz.scratch import scratch
from fuzz.text import changed_text
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_SECRET = "hunter2"
_WORDS = (
    *(b"", b"Y", b"N", b"yes", b"0", b"-1", b"65536", b"9" * 30, b"1.5", b"=", b"[", b"]", b"#"),
    *(b"[SESSION]", b"[DEFAULT]", b"[X]", b"initiator", b"acceptor", b"FIX.4.2", b"FIXT.1.1"),
    *(b"FIX.5.0SP2", b"08:00:00", b"24:00:00", b"Sunday", b"sun", b"America/New_York", b"UTC"),
    *(b"${HOME}", b"$(X)", "é\x85\u2028".encode(), b"\x00", b"\xff", b"\x1b[1m", b"localhost"),
    *(b"SenderCompID", b"Password", b"StartTime", b"HeartBtInt", b"SocketUseSSL", b"a" * 300),
)


@cache
def _seeds() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(SAMPLES.glob("*.cfg")))


def make(dice: random.Random) -> bytes:
    """Return a settings file with something changed."""
    return changed_text(dice, dice.choice(_seeds()), _WORDS, dice.choice((1, 2, 4, 8)))


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the file with something more changed."""
    return changed_text(dice, data, _WORDS, 1)


def run(data: bytes, watch: Watch) -> None:
    """Import a file, and load what came of it as ``config check`` does."""
    path = scratch() / "quickfix.cfg"
    path.write_bytes(data)
    watch.messages += 1
    lines = len(data.decode("utf-8", "replace").splitlines()) + 1
    try:
        found = watch.read("importing", import_quickfix, path)
    except ConfigError as error:
        assert error.mistakes
        for mistake in error.mistakes:
            assert mistake.path == str(path)
            assert 0 <= mistake.line <= lines
            assert mistake.message
            assert is_clean(mistake.message), repr(mistake.message)
        if not _elsewhere(data):
            assert _SECRET not in str(error) + repr(error.mistakes)
        return
    watch.framed += 1
    for note in found.notes:
        assert 0 <= note.line <= lines
        assert is_clean(str(note)), repr(str(note))
    if not _elsewhere(data):
        assert _SECRET not in found.text + "".join(map(str, found.notes))
    made = scratch() / "made.yaml"
    made.write_text(found.text, encoding="utf-8")
    load(made, environ={"HOME": "/u"}, secrets=False)


def _elsewhere(data: bytes) -> bool:
    """Whether the password stands where nobody would look for one."""
    held = [line for line in data.splitlines() if _SECRET.encode() in line]
    keys = (b"Password=", b"SocketKeyStorePassword=", b"LogonTag=554=")
    return any(not line.startswith(keys) or line.count(b"=") > 2 for line in held)

"""Venue files and session files: the bytes of one go in.

Contract: settings or `ConfigError`; every mistake and every warning is of this file, at a line and
a column of it, and says something; a secret shows nowhere, neither one that is referred to nor one
that somebody wrote where a password belongs.
"""

from __future__ import annotations

import random
import re
from contextlib import suppress
from functools import cache

from fixgate.config import EngineName, SessionsConfig, load
from fixgate.errors import ConfigError, Mistake
from fuzz.clean import is_clean
from fuzz.places import ROOT, SAMPLES
from fuzz.scratch import scratch
from fuzz.text import changed_text
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

CANARY = "canary-8374"
"""A secret that is referred to."""
WRITTEN = "hunter2"
"""A secret that somebody wrote, as the bad files of the tests do."""

_WORDS = (
    *(
        b"",
        b"no",
        b"Yes",
        b"~",
        b"~nobody/x",
        b"null",
        b"0",
        b"-1",
        b"65536",
        b"0010",
        b"1_000",
        b"1e9",
        b"NaN",
    ),
    *(b"10:30:00", b"9" * 5000, b"30s", b"0s", b"-5s", b"1h", b"never", b"*", b"&a", b"!!x", b"<<"),
    *(b"[", b"]", b"{", b"}", b"'", b'"', b"|", b">", b"- ", b": ", b"#", b"---", b"...", b"%TAG"),
    *(b"${env:SECRET}", b"${file:x}", b"${", b"$${", b"${keyring:}", b"${env:}", b"\xff", b"\x00"),
    *("é\u2028\x85".encode(), b"FIX.4.4", b"FIXT.1.1", b"FIX.5.0SP2", b"acceptor", b"127.0.0.1:1"),
    *(b"sessions", b"venue", b"defaults", b"name", b"password", b"passwrod", b"connect", b"tls"),
    *(
        b"schedule",
        b"monday",
        b"Europe/Zurich",
        b"2026-02-30",
        b"[1, [2, [3]]]",
        b"{a: b}",
        b"[::1]:5",
    ),
)
_BEFORE_SECRET = re.compile(
    rb"^\s*(?:- )?(?:password|new_password|secret):\s+['\"]?(?:hunter2|\$\{env:SECRET\})"
)
_HOLDS_SECRET = re.compile(rb"hunter2|SECRET|%s" % CANARY.encode())


@cache
def _samples() -> tuple[bytes, ...]:
    """Files that say nearly everything that can be said, rightly."""
    return tuple(path.read_bytes() for path in sorted(SAMPLES.glob("*.yaml")))


@cache
def _seeds() -> tuple[bytes, ...]:
    """The files that are shipped, and the bad ones of the tests."""
    shipped = [*(ROOT / "sessions").glob("*.yaml"), *(ROOT / "scenarios").rglob("*.yaml")]
    bad = sorted((ROOT / "tests" / "data" / "bad").glob("*.yaml"))
    texts = [path.read_bytes() for path in (*sorted(shipped), *bad)]
    plain = [re.sub(rb"(?m)^( *)# (\w+:)", rb"\1\2", text) for text in texts[: len(shipped)]]
    return tuple(text for text in (*texts, *plain * 8, *_samples() * 30) if len(text) < 20_000)


def make(dice: random.Random) -> bytes:
    """Return a file with something changed."""
    return changed_text(dice, dice.choice(_seeds()), _WORDS, dice.choice((1, 1, 2, 4)))


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the file with something more changed."""
    return changed_text(dice, data, _WORDS, 1)


def run(data: bytes, watch: Watch) -> None:
    """Load a file."""
    path = scratch() / "some.yaml"
    path.write_bytes(data)
    watch.messages += 1
    environ = {"HOME": "/users/me", "SECRET": CANARY}
    try:
        found = watch.read("loading", load, path, environ=environ)
    except ConfigError as error:
        assert error.mistakes
        said = str(error) + repr(error.mistakes)
        remarks = error.mistakes
    else:
        watch.framed += 1
        said, remarks = repr(found), found.warnings
        if isinstance(found, SessionsConfig):
            assert found.plans
        with suppress(ConfigError):
            load(path, environ=environ, engine=EngineName.QUICKFIX)
    for mistake in remarks:
        _judge(mistake, str(path), data)
    if all(map(_BEFORE_SECRET.match, filter(_HOLDS_SECRET.search, data.splitlines()))):
        assert CANARY not in said, "a secret shows that is referred to"
        assert WRITTEN not in said, "a secret shows that was written"


def _judge(mistake: Mistake, path: str, data: bytes) -> None:
    assert mistake.path == path
    assert mistake.message
    for text in (mistake.message, mistake.hint, mistake.source):
        assert is_clean(text), repr(text)
    breaks = data.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = re.split("[\n\r\x85\u2028\u2029]", breaks)
    assert 0 <= mistake.line <= len(lines), f"line {mistake.line} of {len(lines)}"
    assert (mistake.line == 0) == (mistake.column == 0)
    if mistake.line:
        assert mistake.column <= len(lines[mistake.line - 1]) + 2, f"column {mistake.column}"

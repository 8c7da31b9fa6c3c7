"""The reader of QuickFIX's XML dictionaries: the bytes of a file go in.

Contract: a dictionary or `DictionaryError`, with the file and a line of it; a dictionary that is
taken judges any message without raising, and its compact form reads back as the same.
"""

from __future__ import annotations

import random
from functools import cache

from fixgate.dictionary import Dictionary, Validator, load_dictionary, read_quickfix_xml
from fixgate.dictionary.table import dump_table, parse_table
from fixgate.errors import DictionaryError
from fixgate.wire import Message, decode
from fuzz.clean import is_clean
from fuzz.peer import build
from fuzz.places import ROOT, SAMPLES
from fuzz.scratch import scratch
from fuzz.seeds import APPLICATION
from fuzz.text import changed_text
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_WORDS = (
    *(b"Y", b"N", b"0", b"-1", b"8", b"35", b"999999999", b"9999999999", b"9" * 5000, b"", b"fix"),
    *(b"STRING", b"INT", b"NUMINGROUP", b"DATA", b"Text", b"Symbol", b"Instrument", b"NoSides"),
    *(b"name", b"number", b"required", b"type", b"msgtype", b"field", b"group", b"component"),
    *(b"message", b"header", b"trailer", b"&amp;", b"&x;", b"<!--", b"-->", b"<", b">", b"'", b'"'),
    *(b"<![CDATA[", b"<?x?>", "é".encode(), b"\xff", b"encoding='utf-7'", b"FIXT", b"5", b"SP2"),
)
_SAMPLES = tuple(b"".join([b"%b=%b\x01" % field for field in body]) for body in APPLICATION)


@cache
def _seeds() -> tuple[bytes, ...]:
    """Every bad file of the tests, and a good one as often."""
    bad = [path.read_bytes() for path in sorted((ROOT / "tests/dictionary/bad").glob("*.xml"))]
    return (*[(SAMPLES / "dictionary.xml").read_bytes()] * len(bad), *bad)


def make(dice: random.Random) -> bytes:
    """Return a file with something changed."""
    return changed_text(dice, dice.choice(_seeds()), _WORDS, dice.choice((1, 2, 4)))


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the file with something more changed."""
    return changed_text(dice, data, _WORDS, 1)


def run(data: bytes, watch: Watch) -> None:
    """Read a dictionary, and use it."""
    path = scratch() / "some.xml"
    path.write_bytes(data)
    watch.messages += 1
    try:
        found = watch.read("reading", read_quickfix_xml, str(path))
    except DictionaryError as error:
        assert error.path == str(path)
        assert 0 <= error.line <= data.count(b"\n") + data.count(b"\r") + 1
        assert error.reason
        assert is_clean(error.reason), repr(error.reason)
        return
    watch.framed += 1
    table = dump_table(found)
    assert dump_table(parse_table(table)) == table
    transport = load_dictionary("FIXT.1.1") if found.is_application else None
    if not found.is_transport:
        _judge(found, transport)


def _judge(found: Dictionary, transport: Dictionary | None) -> None:
    validator = Validator(found, transport=transport)
    for kind in (*found.messages, b"D"):
        for sample in _SAMPLES[:6]:
            fields = b"35=%b\x01%b" % (kind, sample.partition(b"\x01")[2])
            raw = build(fields, b"FIX.4.4", next_in=1, next_out=1, now_ns=0)
            message = decode(raw)
            if isinstance(message, Message):
                validator.check(message)

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
from fuzz.places import ROOT
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
    """Every bad file of the tests, and a good one."""
    files = sorted((ROOT / "tests" / "dictionary" / "bad").glob("*.xml"))
    return (*[_GOOD] * len(files), *(file.read_bytes() for file in files))


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


_GOOD = b"""\
<fix type='FIX' major='4' minor='4' servicepack='0'>
 <header>
  <field name='BeginString' required='Y'/>
  <field name='BodyLength' required='Y'/>
  <field name='MsgType' required='Y'/>
  <field name='SenderCompID' required='N'/>
  <group name='NoHops' required='N'><field name='HopCompID' required='N'/></group>
 </header>
 <trailer><field name='CheckSum' required='Y'/></trailer>
 <messages>
  <message name='Heartbeat' msgtype='0' msgcat='admin'/>
  <message name='News' msgtype='B' msgcat='app'>
   <field name='Text' required='Y'/>
   <component name='Symbols' required='Y'/>
   <component name='Instrument' required='N'/>
  </message>
 </messages>
 <components>
  <component name='Symbols'>
   <group name='NoRelatedSym' required='Y'>
    <component name='Instrument' required='Y'/>
    <field name='Side' required='N'/>
    <group name='NoSides' required='N'><field name='Text' required='Y'/></group>
   </group>
  </component>
  <component name='Instrument'>
   <field name='Symbol' required='Y'/>
   <field name='SecurityID' required='N'/>
  </component>
 </components>
 <fields>
  <field number='8' name='BeginString' type='STRING'/>
  <field number='9' name='BodyLength' type='LENGTH'/>
  <field number='10' name='CheckSum' type='STRING'/>
  <field number='35' name='MsgType' type='STRING'/>
  <field number='49' name='SenderCompID' type='STRING'/>
  <field number='48' name='SecurityID' type='STRING'/>
  <field number='54' name='Side' type='CHAR' allowOtherValues='Y'>
   <value enum='1' description='BUY'/>
   <value enum='2'/>
  </field>
  <field number='55' name='Symbol' type='STRING'/>
  <field number='58' name='Text' type='STRING'/>
  <field number='146' name='NoRelatedSym' type='NUMINGROUP'/>
  <field number='552' name='NoSides' type='NUMINGROUP'/>
  <field number='627' name='NoHops' type='NUMINGROUP'/>
  <field number='628' name='HopCompID' type='STRING'/>
 </fields>
</fix>
"""

"""Mutations of a message that know what a field is.

A message is a list of fields; a mutation changes it in place. Lengths and sums are filled in
afterwards (`fuzz.play`), so that what is wrong is what was meant to be wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from fuzz.seeds import ADMIN, APPLICATION, Field

__all__ = ["MUTATIONS", "mutate"]

Fields = list[Field]
Mutation = Callable[[random.Random, Fields], None]

_NUMBERS = (
    *(b"0", b"1", b"2", b"-1", b"+1", b"007", b" 1", b"1.5", b"1e3", b"0x10", b"NaN", b"1_000"),
    *(b"%d" % n for n in (2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63))),
    *(b"9" * n for n in (9, 19, 20, 21, 40)),
    b"9" * 5000,
    "٣".encode(),
)
_TIMES = (
    *(b"{t}", b"{t+1}", b"{t-1}", b"{t+119}", b"{t-121}", b"{t+100000}", b"{t-1000000000}"),
    *(b"00000101-00:00:00", b"00010101-00:00:00", b"99991231-23:59:60.999", b"20260229-00:00:00"),
    *(b"20261231-23:59:60", b"20260302-24:00:00", b"20260302-09:00:00.1", b"20260302-09:00:00."),
    *(b"20260302-09:00:00.123456789012", b"20260302 09:00:00", b"19700101-00:00:00.000"),
)
_WORDS = (
    *(b"", b" ", b"Y", b"N", b"x", b"TEST", b"TRADER", b"EXCH", b"DESK", b"D", b"8", b"A", b"5"),
    *(b"\x00", b"\xff\xfe", "é\U0001f600".encode(), b"a=b", b"=", b"\r\n", b"\x1b[31m", b"{t"),
    b"MsgSeqNum too low, expecting 812 but received 1",
)
_STRAYS = (b"a\x01b", b"\x01", b"x\x01\x01y", b"\x0110=000", b"a\x0158", b"\x01=")
_WORD = re.compile(rb"[A-Za-z]+")
_MOST_BYTES = 100_000  # enough for more than one message may have
_HUGE = (100, 5000, 60_000)
_TAGS = (
    *(b"0", b"-1", b"-0", b"00", b"035", b"999999999", b"9999999999", b"", b"x", b"5001", b"20000"),
    *(b"8", b"9", b"10", b"35", b"34", b"43", b"49", b"50", b"52", b"56", b"57", b"58", b"89"),
    *(b"90", b"91", b"93", b"95", b"96", b"97", b"98", b"108", b"112", b"115", b"116", b"122"),
    *(b"123", b"128", b"129", b"141", b"142", b"143", b"144", b"145", b"212", b"213", b"347"),
    *(b"354", b"355", b"369", b"372", b"373", b"383", b"464", b"553", b"554", b"627", b"628"),
    *(b"789", b"925", b"1128", b"1137", b"1400", b"1401", b"1402", b"1403", b"1404", b"1409"),
)
_KINDS = (b"0", b"1", b"2", b"3", b"4", b"5", b"A", b"D", b"8", b"", b"AAAA", b"\xff", b"*")
_SEQ_NUMS = (
    *(b"{n}", b"{n+1}", b"{n+2}", b"{n+40}", b"{n-1}", b"{n-3}", b"1", b"0", b"{n+2000}"),
    *(b"{n+i}", b"{n+i}", b"{n+1000000}", b"2147483648", b"18446744073709551615", b"{o}", b"-1"),
)


def _at(dice: random.Random, fields: Fields) -> int:
    return dice.randrange(len(fields))


def _remove(dice: random.Random, fields: Fields) -> None:
    del fields[_at(dice, fields)]


def _empty(dice: random.Random, fields: Fields) -> None:
    at = _at(dice, fields)
    fields[at] = (fields[at][0], b"")


def _double(dice: random.Random, fields: Fields) -> None:
    at = _at(dice, fields)
    fields.insert(dice.choice((at, _at(dice, fields), len(fields))), fields[at])


def _value(dice: random.Random, fields: Fields) -> None:
    """A wrong type, a number out of range, a time that is none."""
    at = _at(dice, fields)
    fields[at] = (fields[at][0], dice.choice(dice.choice((_NUMBERS, _TIMES, _WORDS))))


def _stray(dice: random.Random, fields: Fields) -> None:
    """An SOH inside of a value."""
    at = _at(dice, fields)
    fields[at] = (fields[at][0], dice.choice(_STRAYS))


def _long(dice: random.Random, fields: Fields) -> None:
    """A value that goes on and on, with itself or with one of its words."""
    at = _at(dice, fields)
    tag, value = fields[at]
    words = _WORD.findall(value) or (b"x",)
    piece = dice.choice((value, dice.choice(words), dice.choice(words), b"9", b"a")) or b"x"
    start = value[: dice.randrange(len(value) + 1)] if dice.random() < 0.5 else b""
    fields[at] = (tag, start + piece * (dice.choice(_HUGE) // len(piece)))


def _reorder(dice: random.Random, fields: Fields) -> None:
    """One field goes elsewhere, or two change places."""
    a, b = _at(dice, fields), _at(dice, fields)
    if dice.random() < 0.5:
        fields.insert(b, fields.pop(a))
    else:
        fields[a], fields[b] = fields[b], fields[a]


def _tag(dice: random.Random, fields: Fields) -> None:
    at = _at(dice, fields)
    fields[at] = (dice.choice(_TAGS), fields[at][1])


def _add(dice: random.Random, fields: Fields) -> None:
    value = dice.choice(dice.choice((_NUMBERS, _TIMES, _WORDS, _STRAYS)))
    fields.insert(_at(dice, fields), (dice.choice(_TAGS), value))


def _many(dice: random.Random, fields: Fields) -> None:
    """Some fields again and again: the entries of a group that its count did not announce."""
    first = _at(dice, fields)
    piece = fields[first : first + dice.randrange(1, 4)]
    size = sum(len(tag) + len(value) + 2 for tag, value in piece)
    fields[first:first] = piece * min(dice.choice((2, 10, 100, 1000)), _MOST_BYTES // size)


def _count(dice: random.Random, fields: Fields) -> None:
    """A small number, which may well count a group or measure data, becomes another."""
    small = [at for at, (_, value) in enumerate(fields) if value.isdigit() and len(value) < 3]
    if small:
        at = dice.choice(small)
        number = dice.choice((int(fields[at][1]) + dice.choice((-1, 1, 7)), 0, 999_999_999))
        fields[at] = (fields[at][0], b"%d" % number)


def _splice(dice: random.Random, fields: Fields) -> None:
    """The rest of another message."""
    other = dice.choice(dice.choice((ADMIN, APPLICATION)))
    fields[_at(dice, fields) :] = other[dice.randrange(len(other)) :]


def _kind(dice: random.Random, fields: Fields) -> None:
    _put(fields, b"35", dice.choice(_KINDS))


def _seq_num(dice: random.Random, fields: Fields) -> None:
    _put(fields, b"34", dice.choice(_SEQ_NUMS))


def _duplicate(dice: random.Random, fields: Fields) -> None:
    """PossDupFlag(43), with or without a right OrigSendingTime(122), or PossResend(97)."""
    _header(fields, b"43", dice.choice((b"Y", b"Y", b"Y", b"N", b"x")))
    if dice.random() < 0.7:
        _header(fields, b"122", dice.choice((b"{t}", b"{t-5}", dice.choice(_TIMES))))
    if dice.random() < 0.2:
        _header(fields, b"97", b"Y")
    if dice.random() < 0.5:
        _seq_num(dice, fields)


def _range(dice: random.Random, fields: Fields) -> None:
    """Becomes a ResendRequest(2)."""
    ends = (b"0", b"1", b"2", b"{o}", b"{o-1}", b"{o-5}", b"{o+5}", b"999999", b"-1", b"9" * 19)
    fields[:] = [*_head(fields, b"2"), (b"7", dice.choice(ends)), (b"16", dice.choice(ends))]


def _reset(dice: random.Random, fields: Fields) -> None:
    """Becomes a SequenceReset(4)."""
    news = (b"{n}", b"{n+1}", b"{n+9}", b"{n-1}", b"1", b"0", b"{n+100000}", b"9" * 19, b"9" * 20)
    fields[:] = _head(fields, b"4")
    if dice.random() < 0.7:
        fields.append((b"123", dice.choice((b"Y", b"Y", b"N", b"x"))))
    fields.append((b"36", dice.choice(news)))


def _head(fields: Fields, kind: bytes) -> Fields:
    header = (b"34", b"43", b"49", b"50", b"52", b"56", b"57", b"97", b"115", b"122", b"128")
    return [(b"35", kind), *(field for field in fields if field[0] in header)]


def _route(dice: random.Random, fields: Fields) -> None:
    """A third party, or a desk."""
    for _ in range(dice.randrange(1, 4)):
        tag = dice.choice((b"50", b"57", b"115", b"116", b"128", b"129", b"142", b"144", b"145"))
        _header(fields, tag, dice.choice((b"DESK", b"BROKER", *_WORDS, *_STRAYS)))


def _frame(dice: random.Random, fields: Fields) -> None:
    """A BodyLength(9), a CheckSum(10) or a BeginString(8) of its own, which is not mended."""
    match dice.randrange(4):
        case 0:
            fields.insert(0, (b"9", dice.choice((*_NUMBERS, b"5", b"60", b"300", b"65000"))))
        case 1:
            fields.append((b"10", dice.choice((b"000", b"128", b"1", b"0001", b"abc", b""))))
        case 2:
            begins = (b"FIX.4.2", b"FIX.4.4", b"FIXT.1.1", b"FIX.9.9", b"FIX", b"", b"x" * 40)
            fields.insert(0, (b"8", dice.choice(begins)))
        case _:
            fields.append((b"10", b"000"))
            fields.append((b"58", b"after the end"))


def _put(fields: Fields, tag: bytes, value: bytes) -> None:
    for at, field in enumerate(fields):
        if field[0] == tag:
            fields[at] = (tag, value)
            return
    fields.append((tag, value))


def _header(fields: Fields, tag: bytes, value: bytes) -> None:
    if any(field[0] == tag for field in fields):
        _put(fields, tag, value)
    else:
        fields.insert(min(3, len(fields)), (tag, value))


MUTATIONS: tuple[Mutation, ...] = (
    *(_remove, _empty, _double, _value, _value, _stray, _long, _reorder, _tag, _add, _add),
    *(_many, _count, _splice, _kind, _seq_num, _seq_num, _duplicate, _range, _reset, _route),
    _frame,
)
"""Every mutation, the likelier ones twice."""


def mutate(dice: random.Random, fields: Fields, times: int) -> None:
    """Mutate a message in place, so many times over."""
    for _ in range(times):
        if not fields:
            return
        dice.choice(MUTATIONS)(dice, fields)

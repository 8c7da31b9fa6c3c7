"""Messages of any type of any version, valid by its dictionary, groups and all."""

from __future__ import annotations

import random
from functools import cache

from fixgate.dictionary import FixVersion, load_dictionary
from fixgate.dictionary.datatypes import FieldType
from fixgate.dictionary.model import Dictionary, FieldDef, GroupUse, Member
from fixgate.wire.data_fields import DATA_FIELDS
from fuzz.seeds import Field

__all__ = ["any_message"]

_DEEPEST = 4
_DATA_TAGS = frozenset(DATA_FIELDS.values())

_INTS = (b"1", b"0", b"7", b"2147483647", b"-3")
_COUNTS = (b"1", b"0", b"7", b"18446744073709551615")
_DECIMALS = (b"1", b"0", b"-0.5", b"100.25", b"99999999999999999999.123456789")
_STRINGS = (b"A", b"ABC", b"some text", b"a=b", b"\xc3\xa9", b"x" * 64)
_TIMES = (b"{t}", b"20260302-09:00:00", b"20160229-23:59:60.123456")
_OF_TYPE = {
    FieldType.INT: _INTS,
    FieldType.LENGTH: _COUNTS,
    FieldType.SEQ_NUM: _COUNTS,
    FieldType.NUM_IN_GROUP: (b"0",),
    FieldType.TAG_NUM: (b"55", b"1"),
    FieldType.DAY_OF_MONTH: (b"1", b"31"),
    FieldType.FLOAT: _DECIMALS,
    FieldType.QTY: _DECIMALS,
    FieldType.PRICE: _DECIMALS,
    FieldType.PRICE_OFFSET: _DECIMALS,
    FieldType.AMT: _DECIMALS,
    FieldType.PERCENTAGE: _DECIMALS,
    FieldType.CHAR: (b"A", b"1"),
    FieldType.BOOLEAN: (b"Y", b"N"),
    FieldType.MULTIPLE_CHAR_VALUE: (b"A", b"A B"),
    FieldType.MONTH_YEAR: (b"202603", b"20260302", b"202603w2"),
    FieldType.UTC_TIMESTAMP: _TIMES,
    FieldType.UTC_TIME_ONLY: (b"09:00:00", b"23:59:60.123"),
    FieldType.UTC_DATE_ONLY: (b"20260302",),
    FieldType.LOCAL_MKT_DATE: (b"20260302",),
    FieldType.LOCAL_MKT_TIME: (b"09:00:00",),
    FieldType.TZ_TIME_ONLY: (b"09:00Z", b"09:00:00-05:30"),
    FieldType.TZ_TIMESTAMP: (b"20260302-09:00Z", b"20260302-09:00:00+01"),
}


@cache
def _layers(version: str) -> tuple[Dictionary, ...]:
    layers = (load_dictionary(version),)
    return (load_dictionary("FIXT.1.1"), *layers) if FixVersion(version).is_fixt else layers


@cache
def _types(version: str) -> tuple[tuple[bytes, Dictionary], ...]:
    return tuple((kind, layer) for layer in _layers(version) for kind in layer.messages)


def any_message(dice: random.Random, version: str) -> list[Field]:
    """Return a message without its header and trailer.

    Args:
        dice: Decides everything.
        version: Of the application.
    """
    kind, layer = dice.choice(_types(version))
    fields = [(b"35", kind)]
    most = dice.choice((60, 60, 120, 220))
    _members(dice, layer, layer.messages[kind].members, fields, 0, most)
    return fields


def _members(
    dice: random.Random,
    layer: Dictionary,
    members: tuple[Member, ...],
    fields: list[Field],
    depth: int,
    most: int,
) -> None:
    share = dice.choice((0.02, 0.1, 0.5))
    for position, member in enumerate(members):
        needed = member.required or (depth and position == 0)
        if not needed and (len(fields) > most or dice.random() > share):
            continue
        if isinstance(member, GroupUse):
            at, entries = len(fields), 0
            wanted = 0 if depth >= _DEEPEST else dice.choice((1, 1, 2, 3, most))
            while entries < wanted and len(fields) <= most:
                _members(dice, layer, member.members, fields, depth + 1, most)
                entries += 1
            fields.insert(at, (b"%d" % member.tag, b"%d" % entries))
        else:
            _field(dice, layer.fields[member.tag], fields)


def _field(dice: random.Random, found: FieldDef, fields: list[Field]) -> None:
    tag = b"%d" % found.tag
    if found.tag in DATA_FIELDS:
        value = dice.choice((b"data", b"a\x01b", b"\x0110=000\x01"))
        fields += ((tag, b"%d" % len(value)), (b"%d" % DATA_FIELDS[found.tag], value))
    elif found.tag not in _DATA_TAGS:  # those come with their lengths
        codes = tuple(found.values)
        fields.append((tag, dice.choice(codes or _OF_TYPE.get(found.type, _STRINGS))))

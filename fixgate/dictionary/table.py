"""The compact form of a dictionary, as text: how the built-in ones are kept.

The text is JSON, one record to a line, so that a change of the tables reads as one::

    {"version":"FIX.4.4",
    "fields":[
    [11,"ClOrdID","String"],
    [54,"Side","char",{"1":"BUY","2":"SELL"}],
    ...],
    "groups":[
    [386,0,[672]],
    ...],
    "header":[17,19,71],
    "trailer":[21],
    "messages":[
    ["D","NewOrderSingle",0,[23,-4,109]],
    ...]}

A field is ``[tag, name, type, codes, 1 if other values are valid]``, the last two left out when
there is nothing to say. A member of a message or of a group is ``2 * tag + required`` for a
field, and ``-1 - n`` for the group in row ``n`` of ``groups``, whose own row is ``[tag of the
count, required, members]``. Equal groups share one row, and come before those that hold them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fixgate.dictionary.datatypes import FieldType
from fixgate.dictionary.model import (
    Dictionary,
    FieldDef,
    FieldUse,
    GroupUse,
    LazyMapping,
    Member,
    MessageDef,
)

__all__ = ["dump_table", "parse_table"]

_Row = list[Any]  # a record of the JSON text: its cells differ in type


def parse_table(text: str | bytes) -> Dictionary:
    """Return the dictionary that `dump_table` wrote as ``text``.

    Fields and messages are decoded when they are first used.
    """
    table = json.loads(text)
    decode = _Decoder(table["groups"])
    return Dictionary(
        table["version"],
        LazyMapping({row[0]: row for row in table["fields"]}, _field),
        LazyMapping({row[0].encode(): row for row in table["messages"]}, decode.message),
        header=decode.members(table["header"]),
        trailer=decode.members(table["trailer"]),
    )


def _field(row: _Row) -> FieldDef:
    codes = row[3] if len(row) > 3 else {}
    return FieldDef(
        row[0],
        row[1],
        FieldType(row[2]),
        {code.encode(): name for code, name in codes.items()},
        allow_other_values=len(row) > 4,
    )


class _Decoder:
    def __init__(self, rows: list[_Row]) -> None:
        self._rows = rows
        self._groups: dict[int, GroupUse] = {}

    def message(self, row: _Row) -> MessageDef:
        return MessageDef(row[0].encode(), row[1], bool(row[2]), self.members(row[3]))

    def members(self, codes: Iterable[int]) -> tuple[Member, ...]:
        return tuple(
            FieldUse(code >> 1, bool(code & 1)) if code >= 0 else self._group(-1 - code)
            for code in codes
        )

    def _group(self, index: int) -> GroupUse:
        found = self._groups.get(index)
        if found is None:
            tag, required, codes = self._rows[index]
            found = GroupUse(tag, bool(required), self.members(codes))
            self._groups[index] = found
        return found


def dump_table(dictionary: Dictionary) -> str:
    """Return the compact text of a dictionary; equal dictionaries give equal text."""
    encode = _Encoder()
    header = encode.members(dictionary.header)
    trailer = encode.members(dictionary.trailer)
    messages = [
        [m.msg_type.decode(), m.name, int(m.is_admin), encode.members(m.members)]
        for _, m in sorted(dictionary.messages.items())
    ]
    fields = [_field_row(found) for _, found in sorted(dictionary.fields.items())]
    return (
        f'{{"version":{_json(dictionary.version)},\n"fields":{_lines(fields)},\n'
        f'"groups":{_lines(encode.rows)},\n"header":{_json(header)},\n'
        f'"trailer":{_json(trailer)},\n"messages":{_lines(messages)}}}\n'
    )


def _field_row(found: FieldDef) -> _Row:
    row: _Row = [found.tag, found.name, found.type.value]
    if found.values:
        row.append({code.decode(): name for code, name in sorted(found.values.items())})
        if found.allow_other_values:
            row.append(1)
    return row


class _Encoder:
    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self._indexes: dict[str, int] = {}
        self._of_use: dict[int, int] = {}

    def members(self, members: tuple[Member, ...]) -> list[int]:
        return [
            -1 - self._group(member)
            if isinstance(member, GroupUse)
            else 2 * member.tag + member.required
            for member in members
        ]

    def _group(self, group: GroupUse) -> int:
        # By identity first: groups nest by sharing, and walking each path would not end.
        known = self._of_use.get(id(group))
        if known is not None:
            return known
        row: _Row = [group.tag, int(group.required), self.members(group.members)]
        index = self._indexes.setdefault(_json(row), len(self.rows))
        if index == len(self.rows):
            self.rows.append(row)
        self._of_use[id(group)] = index
        return index


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _lines(rows: list[_Row]) -> str:
    return "[\n" + ",\n".join(map(_json, rows)) + "]" if rows else "[]"

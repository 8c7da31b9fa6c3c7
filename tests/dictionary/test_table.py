from pathlib import Path

import pytest

import fixgate.dictionary
from fixgate.dictionary import (
    BUILT_IN,
    Dictionary,
    FieldDef,
    FieldType,
    FieldUse,
    GroupUse,
    MessageDef,
    load_dictionary,
)
from fixgate.dictionary.table import dump_table, parse_table

DATA = Path(fixgate.dictionary.__file__).parent / "data"

INNER = GroupUse(802, False, (FieldUse(523, False), FieldUse(803, True)))
PARTIES = GroupUse(453, True, (FieldUse(448, True), INNER))

SMALL = Dictionary(
    "FIX.4.4",
    {
        54: FieldDef(54, "Side", FieldType.CHAR, {b"2": "SELL", b"1": "BUY"}),
        27: FieldDef(27, "IOIQty", FieldType.STRING, {b"S": "SMALL"}, allow_other_values=True),
        11: FieldDef(11, "ClOrdID", FieldType.STRING),
    },
    {
        b"D": MessageDef(b"D", "NewOrderSingle", False, (FieldUse(11, True), PARTIES)),
        b"A": MessageDef(b"A", "Logon", True, (PARTIES, FieldUse(54, False))),
    },
    header=(FieldUse(8, True), FieldUse(9, True)),
    trailer=(FieldUse(10, True),),
)

TEXT = """\
{"version":"FIX.4.4",
"fields":[
[11,"ClOrdID","String"],
[27,"IOIQty","String",{"S":"SMALL"},1],
[54,"Side","char",{"1":"BUY","2":"SELL"}]],
"groups":[
[802,0,[1046,1607]],
[453,1,[897,-1]]],
"header":[17,19],
"trailer":[21],
"messages":[
["A","Logon",1,[-2,108]],
["D","NewOrderSingle",0,[23,-2]]]}
"""


def test_the_compact_text_of_a_dictionary():
    assert dump_table(SMALL) == TEXT


def test_text_to_dictionary_and_back():
    read = parse_table(TEXT)
    assert read.version == "FIX.4.4"
    assert dict(read.fields) == dict(SMALL.fields)
    assert dict(read.messages) == dict(SMALL.messages)
    assert (read.header, read.trailer) == (SMALL.header, SMALL.trailer)
    assert dump_table(read) == TEXT


def test_equal_groups_share_one_value():
    read = parse_table(TEXT)
    assert read.messages[b"A"].members[0] is read.messages[b"D"].members[1]


def test_equal_groups_take_one_row():
    def parties():
        inner = GroupUse(802, False, (FieldUse(523, False), FieldUse(803, True)))
        return GroupUse(453, True, (FieldUse(448, True), inner))

    messages = {
        b"D": MessageDef(b"D", "NewOrderSingle", False, (FieldUse(11, True), parties())),
        b"A": MessageDef(b"A", "Logon", True, (parties(), FieldUse(54, False))),
    }
    copy = Dictionary("FIX.4.4", SMALL.fields, messages, header=SMALL.header, trailer=SMALL.trailer)
    assert dump_table(copy) == TEXT


def test_a_dictionary_without_groups():
    bare = Dictionary("FIXT.1.1", {}, {})
    assert dump_table(parse_table(dump_table(bare))) == dump_table(bare)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_shipped_tables_are_what_the_tool_writes(name):
    text = (DATA / f"{name}.json").read_text(encoding="ascii")
    assert dump_table(load_dictionary(name)) == text

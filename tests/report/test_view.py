from __future__ import annotations

import json

import pytest

from fixgate.dictionary import load_dictionary
from fixgate.net.logfile import LogEntry
from fixgate.report.view import Condition, Glossary, Ink, Viewer, find_tag, parse_where

REPORT = (
    (8, b"FIX.4.2"), (9, b"100"), (35, b"8"), (34, b"12"), (49, b"VENUE"), (56, b"CLIENT"),
    (20, b"0"), (39, b"0"), (54, b"1"), (55, b"ABC"), (18, b"1 6"), (58, b"Hello"), (9999, b"x"),
)  # fmt: skip
LOGON = (
    (8, b"FIXT.1.1"), (35, b"A"), (34, b"1"), (553, b"me"), (554, b"hunter2"), (1137, b"7"),
    (95, b"7"), (96, b"hunter2"), (925, b"hunter3"), (1402, b"hunter4"), (1404, b"hunter5"),
)  # fmt: skip
FIXT_ORDER = ((8, b"FIXT.1.1"), (35, b"D"), (54, b"2"), (40, b"2"))


def entry(fields=REPORT, *, flaw: str = "", direction: str = "<") -> LogEntry:
    return LogEntry(7, "20260101-00:00:00.000", direction, fields, b"", flaw)


def text(fields=REPORT, glossary: Glossary | None = None, flaw: str = "", **options) -> list[str]:
    glossary = glossary or Glossary()
    found = entry(fields, flaw=flaw)
    viewer = Viewer(glossary, **options)
    return viewer.text(found, glossary.dictionaries(found)).splitlines()


def holds(where: str, fields=REPORT) -> bool:
    found = entry(fields)
    dictionaries = Glossary().dictionaries(found)
    return all(condition.holds(found, dictionaries) for condition in parse_where(where))


def test_a_message():
    assert text() == [
        "20260101-00:00:00.000 < ExecutionReport(8) #12 VENUE->CLIENT",
        "    BeginString(8) = FIX.4.2",
        "    BodyLength(9) = 100",
        "    MsgType(35) = 8 ExecutionReport",
        "    MsgSeqNum(34) = 12",
        "    SenderCompID(49) = VENUE",
        "    TargetCompID(56) = CLIENT",
        "    ExecTransType(20) = 0 NEW",
        "    OrdStatus(39) = 0 NEW",
        "    Side(54) = 1 BUY",
        "    Symbol(55) = ABC",
        "    ExecInst(18) = 1 6 NOT_HELD PARTICIPATE_DO_NOT_INITIATE",
        "    Text(58) = Hello",
        "    (9999) = x",
    ]


def test_skip_and_only():
    assert text(skip=frozenset({8, 9}), only=frozenset({8, 35, 54}))[1:] == [
        "    MsgType(35) = 8 ExecutionReport",
        "    Side(54) = 1 BUY",
    ]


def test_secrets_are_masked():
    shown = "\n".join(text(LOGON))
    assert "hunter" not in shown
    assert "Username(553) = me" in shown
    assert shown.count("***") == 5
    found = entry(LOGON)
    assert "hunter" not in json.dumps(
        Viewer(Glossary()).json(found, Glossary().dictionaries(found))
    )


def test_secrets_are_shown_when_asked_for():
    assert "    Password(554) = hunter2" in text(LOGON, show_secrets=True)


@pytest.mark.parametrize("show_secrets", [True, False])
def test_nothing_in_a_message_can_move_the_cursor(show_secrets):
    fields = ((8, b"FIX.4.4"), (35, b"\x1b[2J"), (58, b"a\r\n\x1b[31m\x01554=hunter2"))
    shown = text(fields, show_secrets=show_secrets)
    assert len(shown) == 4
    assert "\x1b" not in "".join(shown)
    assert "\r" not in "".join(shown)


def test_a_garbled_message_says_so_on_its_first_line():
    assert text(flaw="CheckSum(10) is 1")[0].endswith("! garbled: CheckSum(10) is 1")


def test_fixt_goes_by_the_last_logon():
    glossary = Glossary()
    found = entry(FIXT_ORDER)
    assert [d.version for d in glossary.dictionaries(found)] == ["FIX.5.0SP2", "FIXT.1.1"]
    assert text(LOGON, glossary)[0].split()[2] == "Logon(A)"
    assert [d.version for d in glossary.dictionaries(found)] == ["FIX.5.0", "FIXT.1.1"]
    with_version = entry((*FIXT_ORDER, (1128, b"8")))
    assert [d.version for d in glossary.dictionaries(with_version)] == ["FIX.5.0SP1", "FIXT.1.1"]


def test_a_version_asked_for_and_one_unknown():
    found = entry(((8, b"FIX.9.9"), (35, b"8")))
    assert Glossary().dictionaries(found)[0].version == "FIX.5.0SP2"
    assert Glossary("FIX.4.0").dictionaries(found)[0].version == "FIX.4.0"


def test_a_dictionary_of_ones_own_comes_first():
    extra = load_dictionary("FIX.4.4")
    found = Glossary(extra=extra).dictionaries(entry())
    assert [d.version for d in found] == ["FIX.4.4", "FIX.4.2"]


def test_a_type_that_nobody_knows():
    assert text(((8, b"FIX.4.4"), (35, b"ZZ")))[0] == "20260101-00:00:00.000 < unknown type(ZZ)"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("35=8", True),
        ("MsgType=ExecutionReport", True),
        ("35=D", False),
        ("35!=D", True),
        ("54=Buy", True),
        ("54=1", True),
        ("Side=buy", True),
        ("Side=Sell", False),
        ("Side!=Buy", False),
        ("OrdStatus = New", True),
        ("Symbol=abc", False),
        ("Symbol~ab", True),
        ("Text~HELL", True),
        ("Text~help", False),
        ("Text present", True),
        ("Text", True),
        ("Account present", False),
        ("Account!=x", True),
        ("35=8 and Symbol=ABC", True),
        ("35=8 and Symbol=XYZ", False),
        ("58=a and b", False),
        ("9999=x", True),
    ],
)
def test_conditions(where, expected):
    assert holds(where) is expected


def test_any_field_of_a_tag_will_do():
    fields = ((8, b"FIX.4.4"), (35, b"V"), (55, b"A"), (55, b"B"))
    assert holds("Symbol=B", fields)
    assert not holds("Symbol!=B", fields)


def test_a_value_may_hold_the_word_and():
    (condition,) = parse_where("58=bread and butter")
    assert condition == Condition(58, "=", "bread and butter")


@pytest.mark.parametrize("where", ["", "=8", "35>8", "35 8", "54>1 and 55=A"])
def test_no_conditions(where):
    with pytest.raises(ValueError, match="expected FIELD=VALUE"):
        parse_where(where)


def test_names_of_every_version_are_known():
    assert find_tag("35") == find_tag("MsgType") == 35
    assert find_tag("LastShares") == find_tag("LastQty") == 32
    assert find_tag("DefaultApplVerID") == 1137
    with pytest.raises(ValueError, match=r"no version of FIX has a field 'Simbol' \(did you mean"):
        find_tag("Simbol")
    with pytest.raises(ValueError, match=r"has a field 'qqqqqq'$"):
        find_tag("qqqqqq")


def test_json():
    found = entry(flaw="bad")
    value = Viewer(Glossary(), only=frozenset({54, 9999})).json(
        found, Glossary().dictionaries(found)
    )
    assert value == {
        "schema_version": 1,
        "line": 7,
        "time": "20260101-00:00:00.000",
        "direction": "received",
        "msg_type": "8",
        "name": "ExecutionReport",
        "seq_num": 12,
        "flaw": "bad",
        "fields": [
            {"tag": 54, "name": "Side", "value": "1", "meaning": "BUY"},
            {"tag": 9999, "name": None, "value": "x", "meaning": None},
        ],
    }


def test_a_sequence_number_that_is_none():
    for value in (b"x", b"-1", b"", b"9" * 5000):
        found = entry(((8, b"FIX.4.4"), (35, b"0"), (34, value)))
        assert Viewer(Glossary()).json(found, ())["seq_num"] is None


def test_colours_are_the_caller_s():
    inks: set[Ink] = set()

    def paint(piece: str, ink: Ink) -> str:
        inks.add(ink)
        return piece

    assert text(paint=paint, flaw="x") == text(flaw="x")
    assert inks == set(Ink) - {Ink.SENT}

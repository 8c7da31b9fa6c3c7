"""What is told of a message that is not as expected; messages are literals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.scenario.comparison import Mismatch, matches, mismatches
from fixgate.scenario.expressions import Expression
from fixgate.scenario.matching import (
    Absent,
    Between,
    Exactly,
    FieldMatch,
    GroupMatch,
    Matcher,
    Matches,
    MessageMatch,
    Near,
    OneOf,
    Present,
)
from fixgate.scenario.vocabulary import Vocabulary, vocabulary_of
from fixgate.wire import Message, decode
from tests.fixtext import fix

NOW = 1_700_000_000_000_000_000  # 20231114-22:13:20
HEADER = "34=2|49=V|52=20231114-22:13:20.000|56=C"
FIX44 = vocabulary_of("FIX.4.4")


@dataclass(frozen=True)
class Names:
    """A scope of literals."""

    vocabulary: Vocabulary
    now_ns: int
    serial: int = 0
    messages: Mapping[str, Message] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)

    def field(self, message: str, field: str) -> bytes | None:
        tag = self.vocabulary.tag(field)
        return None if tag is None else self.messages[message].get(tag)

    def counter(self, name: str) -> int | None:
        return self.counters.get(name)


def message(body: str, begin: str = "FIX.4.4") -> Message:
    found = decode(fix(body, begin))
    assert isinstance(found, Message)
    return found


QUESTION = message(f"35=1|{HEADER}|112=HELLO")
NAMES = Names(FIX44, NOW, messages={"question": QUESTION}, counters={"round": 2})


def told(body: str, *fields: FieldMatch | GroupMatch, order: tuple[int, ...] = ()) -> list[str]:
    match = MessageMatch((), fields, order)
    return [str(found) for found in mismatches(match, message(body), NAMES, FIX44)]


def one(body: str, tag: int, matcher: Matcher) -> list[str]:
    return told(
        f"{body.partition('|')[0]}|{HEADER}|{body.partition('|')[2]}", FieldMatch(tag, matcher)
    )


@pytest.mark.parametrize(
    ("body", "tag", "matcher"),
    [
        ("35=0|112=HELLO", 112, Exactly(b"HELLO")),
        ("35=0|112=HELLO", 112, Exactly(Expression("question.TestReqID"))),
        ("35=0|112=HELLO", 112, Exactly(Expression("question.112"))),
        ("35=0|112=HELLO", 58, Absent()),
        ("35=0|112=HELLO", 112, Present()),
        ("35=8|38=100.00", 38, Exactly(b"100")),
        ("35=8|38=0100", 38, Exactly(b"100.0")),
        ("35=4|36=007", 36, Exactly(Expression("round + 5"))),
        ("35=8|44=-0.50", 44, Exactly(b"-.5")),
        ("35=8|60=20231114-22:13:20", 60, Exactly(b"20231114-22:13:20.000000")),
        ("35=8|60=20231114-22:13:20", 60, Exactly(Expression("now"))),
        ("35=8|39=2", 39, OneOf((b"1", b"2"))),
        ("35=5|58=MsgSeqNum too low", 58, Matches("too (low|high)")),
        ("35=8|38=5", 38, Between(b"1", b"5")),
        ("35=8|38=5", 38, Between(None, b"5.0")),
        ("35=8|38=5", 38, Between(Expression("round"), None)),
        ("35=8|9999=5", 9999, Between(b"4", b"6")),
        ("35=8|60=20231114-22:13:25", 60, Between(Expression("now"), Expression("now + 10s"))),
        ("35=8|44=100.4", 44, Near(b"100", Decimal("0.5"))),
        ("35=8|60=20231114-22:13:21", 60, Near(Expression("now"), Decimal(1))),
        ("35=0|34=2", 34, Exactly(b"2")),
    ],
)
def test_what_fits(body, tag, matcher):
    body = body.replace("|34=2", "")
    assert one(body, tag, matcher) == []


@pytest.mark.parametrize(
    ("body", "tag", "matcher", "expected"),
    [
        ("35=0|112=HELO", 112, Exactly(b"HELLO"),
         "TestReqID(112): received 'HELO', expected 'HELLO'"),
        ("35=0|58=x", 112, Exactly(Expression("question.TestReqID")),
         "TestReqID(112): received nothing, expected 'HELLO' (= question.TestReqID)"),
        ("35=0|112=a", 112, Absent(), "TestReqID(112): received 'a', expected nothing"),
        ("35=0|58=a", 112, Present(), "TestReqID(112): received nothing, expected any value"),
        ("35=8|54=2", 54, Exactly(b"1"), "Side(54): received 2 (SELL), expected 1 (BUY)"),
        ("35=8|39=8", 39, OneOf((b"1", b"2")),
         "OrdStatus(39): received 8 (REJECTED), expected one of 1 (PARTIALLY_FILLED), 2 (FILLED)"),
        ("35=5|58=bye", 58, Matches("too low"),
         "Text(58): received 'bye', expected a match of /too low/"),
        ("35=8|38=6", 38, Between(b"1", b"5"),
         "OrderQty(38): received '6', expected from '1' to '5'"),
        ("35=8|38=x", 38, Between(b"1", None), "OrderQty(38): received 'x', expected at least '1'"),
        ("35=8|38=6", 38, Between(None, b"5"), "OrderQty(38): received '6', expected at most '5'"),
        ("35=8|44=101", 44, Near(b"100", Decimal("0.5")),
         "Price(44): received '101', expected '100' or at most 0.5 from it"),
        ("35=8|60=20231114-22:13:23", 60, Near(Expression("now"), Decimal(2)),
         "TransactTime(60): received '20231114-22:13:23', expected '20231114-22:13:20.000' (= now) "
         "or at most 2s from it"),
        ("35=8|38=abc", 38, Exactly(b"100"), "OrderQty(38): received 'abc', expected '100'"),
        ("35=8|11=01", 11, Exactly(b"1"), "ClOrdID(11): received '01', expected '1'"),
        ("35=8|5001=x", 5001, Exactly(b"y"), "tag 5001: received 'x', expected 'y'"),
        ("35=0|112=a", 112, Exactly(Expression("question.Text")),
         "TestReqID(112): received 'a', expected = question.Text, which cannot be worked out: "
         "there is no question.Text"),
        ("35=A|554=hunter2", 554, Exactly(b"tiger77"),
         "Password(554): received '***', expected '***'"),
        ("35=5|58=\x1b[31mred", 58, Exactly(b"red"),
         r"Text(58): received '\x1b[31mred', expected 'red'"),
        ("35=5|58=" + "x" * 100, 58, Exactly(b"y"),
         f"Text(58): received '{'x' * 80}...' (100 bytes), expected 'y'"),
    ],
)  # fmt: skip
def test_why_it_does_not_fit(body, tag, matcher, expected):
    assert one(body, tag, matcher) == [expected]


def test_another_type_is_told_alone():
    match = MessageMatch((b"0", b"5"), (FieldMatch(112, Present()),))
    found = mismatches(match, message(f"35=3|{HEADER}|45=2"), NAMES, FIX44)
    assert found == (Mismatch("MsgType(35)", "Reject(3)", "Heartbeat(0) or Logout(5)"),)
    unknown = mismatches(match, message(f"35=ZZ|{HEADER}"), NAMES, FIX44)
    assert unknown[0].received == "MsgType(35) ZZ"


PARTIES = "453=2|448=A|447=D|452=1|802=1|523=sub|803=9|448=B|447=D|452=3"


def party(*fields: FieldMatch | GroupMatch) -> tuple[FieldMatch | GroupMatch, ...]:
    return fields


def test_groups_are_compared_entry_by_entry():
    sub = GroupMatch(802, (party(FieldMatch(523, Exactly(b"sub"))),))
    good = GroupMatch(
        453,
        (
            party(FieldMatch(448, Exactly(b"A")), FieldMatch(452, Exactly(b"1")), sub),
            party(FieldMatch(448, Exactly(b"B")), FieldMatch(802, Absent())),
        ),
    )
    body = f"35=8|{HEADER}|37=1|{PARTIES}|54=1"
    assert told(body, good, FieldMatch(54, Exactly(b"1")), FieldMatch(453, Exactly(b"2"))) == []
    wrong = GroupMatch(
        453, (party(FieldMatch(523, Absent())), party(FieldMatch(448, Exactly(b"C"))))
    )
    assert told(body, wrong) == [
        "PartyID(448) in entry 2 of NoPartyIDs(453): received 'B', expected 'C'"
    ]
    deep = GroupMatch(453, (party(GroupMatch(802, (party(FieldMatch(523, Exactly(b"x"))),))), ()))
    assert told(body, deep) == [
        "PartySubID(523) in entry 1 of NoPartySubIDs(802) in entry 1 of NoPartyIDs(453): "
        "received 'sub', expected 'x'"
    ]


def test_another_number_of_entries():
    body = f"35=8|{HEADER}|37=1|{PARTIES}|54=1"
    assert told(body, GroupMatch(453, ((),))) == [
        "NoPartyIDs(453): received 2 entries, expected 1 entry"
    ]
    assert told(f"35=8|{HEADER}|54=1", GroupMatch(453, ((),))) == [
        "NoPartyIDs(453): received 0 entries, expected 1 entry"
    ]


def test_a_field_inside_a_group_is_not_one_of_the_message():
    assert told(f"35=8|{HEADER}|{PARTIES}|54=1", FieldMatch(448, Absent())) == []


def test_of_a_field_that_comes_twice_the_first_counts():
    assert told(f"35=8|{HEADER}|58=a|58=b", FieldMatch(58, Exactly(b"a"))) == []


def test_order_of_fields():
    body = f"35=0|{HEADER}|112=x"
    assert told(body, order=(34, 52, 112)) == []
    assert told(body, order=(52, 34, 112)) == [
        "MsgSeqNum(34): received before SendingTime(52), expected after SendingTime(52)"
    ]
    assert told(body, order=(34, 58, 112)) == [
        "Text(58): received nothing, expected to be there, in order"
    ]


def test_with_two_dictionaries():
    vocabulary = vocabulary_of("FIXT.1.1", "9")
    names = Names(vocabulary, NOW)
    body = message("35=D|34=2|49=C|52=20231114-22:13:20|56=V|11=1|54=1|38=10", "FIXT.1.1")
    match = MessageMatch(
        (b"D",), (FieldMatch(38, Exactly(b"10.0")), FieldMatch(34, Exactly(b"02")))
    )
    assert matches(match, body, names, vocabulary)
    beat = message("35=0|34=2|49=C|52=20231114-22:13:20|56=V", "FIXT.1.1")
    assert str(mismatches(match, beat, names, vocabulary)[0]) == (
        "MsgType(35): received Heartbeat(0), expected NewOrderSingle(D)"
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from([453, 448, 447, 452, 802, 523, 803, 54, 58, 9999]),
            st.sampled_from(["1", "2", "x", "-1", "99999999999999999999999"]),
        ),
        max_size=20,
    )
)
def test_no_message_raises(pairs):
    body = "|".join(f"{tag}={value}" for tag, value in pairs)
    fields = (
        GroupMatch(453, ((FieldMatch(448, Present()), GroupMatch(802, ((),))),)),
        FieldMatch(54, Between(b"1", b"2")),
        FieldMatch(58, Near(b"1", Decimal(1))),
        FieldMatch(9999, Matches("^x$")),
    )
    found = mismatches(
        MessageMatch((b"8",), fields, (54, 58)), message(f"35=8|{HEADER}|{body}"), NAMES, FIX44
    )
    assert all(str(each) for each in found)

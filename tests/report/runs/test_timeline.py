from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.report.runs.timeline import (
    Field,
    Kind,
    entries_of,
    format_offset,
    with_fewer_heartbeats,
)
from fixgate.report.runs.veil import Veil
from fixgate.scenario.model import Actor, Side
from fixgate.scenario.records import Closed, Faulted, Told, Wire
from fixgate.scenario.verdict import Result
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.fixtext import fix, soh
from tests.report.runs.sample import (
    CONNECT,
    OURS,
    PASSWORD,
    ended,
    failed,
    late,
    passed,
    rx,
    skipped,
    story,
    tx,
)


def entries(run):
    return entries_of(run, Veil(run))


def lines(run):
    """Each line of a run: when, sign, actor, and what it says."""
    return [
        " ".join(filter(None, (format_offset(e.at_ns), e.glyph, e.actor, e.title, e.text)))
        for e in entries(run)
    ]


def one(what, glyph="<", **changes):
    (entry,) = entries(ended(story(CONNECT, **changes), Result.PASS, [(0.0, glyph, what)]))
    return entry


@pytest.mark.parametrize(
    ("offset_ns", "text"),
    [
        (0, "0.000000"),
        (1_999, "0.000001"),
        (12_345_678_000, "12.345678"),
        (62_000_000_000, "1:02.000000"),
        (14_436_000_001_000, "4:00:36.000001"),
        (100 * 3_600_000_000_000, "100:00:00.000000"),
    ],
)
def test_offsets(offset_ns, text):
    assert format_offset(offset_ns) == text


def test_the_story_of_a_failure_line_by_line():
    assert lines(failed()) == [
        "0.000000 # step 1: connect",
        "0.000000 ~ client connection open",
        "0.000000 > client Logon(A) #1 EncryptMethod(98) = 0 NONE, HeartBtInt(108) = 30, "
        "Username(553) = desk, Password(554) = ***",
        "0.001000 < client Logon(A) #1 EncryptMethod(98) = 0 NONE, HeartBtInt(108) = 30",
        "0.001000 = client logged on",
        "0.001000 # step 2: send TestRequest(1) with TestReqID(112) = HELLO",
        "0.001200 > client TestRequest(1) #2 TestReqID(112) = HELLO",
        "0.001200 # step 3: expect Heartbeat(0) with TestReqID(112) = HELLO",
        "0.001500 ! client fault deaf: dropped Heartbeat(0), MsgSeqNum(34) 3",
        "0.002000 < client Heartbeat(0) #2 TestReqID(112) = HELO",
        "0.002000 # step 3 failed: Heartbeat(0) with MsgSeqNum(34) = 2, TestReqID(112) = HELO: "
        "TestReqID(112): received 'HELO', expected 'HELLO'",
        "0.002000 # FAIL",
    ]


def test_a_message_has_all_its_fields_with_names_and_meanings():
    entry = one(rx("35=D|34=2|49=A|56=B|11=X|54=1|40=2|9999=q"))
    assert entry.title == "NewOrderSingle(D) #2"
    assert entry.fields[2] == Field("MsgType(35)", "D", "NewOrderSingle")
    assert entry.fields[-4:] == (
        Field("Side(54)", "1", "BUY"),
        Field("OrdType(40)", "2", "LIMIT"),
        Field("tag 9999", "q", ""),
        entry.fields[-1],
    )
    assert entry.text == "ClOrdID(11) = X, Side(54) = 1 BUY, OrdType(40) = 2 LIMIT, tag 9999 = q"


def test_a_repeated_message_says_so():
    assert one(rx("35=D|34=2|43=Y|122=20260302-09:00:00")).text == (
        "PossDupFlag(43) = Y YES, OrigSendingTime(122) = 20260302-09:00:00"
    )


def test_a_message_of_no_known_type():
    assert one(rx("35=ZZ|34=2")).title == "MsgType(35) ZZ #2"


def test_bytes_that_are_no_message_are_shown_as_they_are():
    entry = one(Wire("client", soh("8=FIX.4.4|9=5|35=0|34=7|10=000|"), "CheckSum(10) is wrong"))
    assert entry.flaw == "CheckSum(10) is wrong"
    assert entry.title == "Heartbeat(0) #7"
    assert entry.text == "8=FIX.4.4|9=5|35=0|34=7|10=000|"
    assert entry.fields[3] == Field("MsgSeqNum(34)", "7", "")


@pytest.mark.parametrize("data", [b"", b"\xff\x00junk", b"=", b"8=", b"a=b\x01", b"1" * 40 + b"="])
def test_any_bytes_at_all(data):
    entry = one(Wire("client", data))
    assert entry.kind is Kind.MESSAGE
    assert entry.title == "bytes"
    assert entry.text.isprintable()
    assert entry.flaw


def test_an_endless_value_is_cut():
    entry = one(rx(f"35=0|34=2|58={'x' * 5000}"))
    assert entry.text == f"Text(58) = {'x' * 300}... (5000 bytes)"


def test_passwords_are_hidden_in_fields_in_sentences_and_in_ruins():
    echo = f"Invalid password {PASSWORD}"
    run = ended(
        story(CONNECT),
        Result.PASS,
        [
            (0.0, ">", tx(f"35=A|34=1|{OURS}|554={PASSWORD}|95=5|96=a\x01b=c")),
            (0.1, "<", rx(f"35=5|34=1|58={echo}")),
            (0.2, "<", Wire("client", soh(f"8=FIX.4.4|9=9|35=A|554={PASSWORD}|"), "cut")),
            (0.3, "=", Told("client", echo)),
            (0.4, "!", Faulted("client", PASSWORD, echo)),
            (0.5, "<", Wire("client", f"{PASSWORD} is no field".encode(), "no message")),
        ],
    )
    assert PASSWORD not in repr(entries(run))
    assert "Text(58) = Invalid password ***" in lines(run)[1]


def test_a_connection_says_who_ended_it():
    texts = [
        one(Closed("client", by_peer=by_peer, reset=reset), "~").text
        for by_peer in (True, False)
        for reset in (True, False)
    ]
    assert texts == [
        "connection reset by the other side",
        "connection closed by the other side",
        "connection reset by us",
        "connection closed by us",
    ]


def test_fixt_names_come_from_both_dictionaries():
    session = SessionSettings(
        SessionId("FIXT.1.1", "A", "B"), Role.INITIATOR, 30, default_appl_ver_id="9"
    )
    actors = (Actor("client", Side.CLIENT, session=session),)
    entry = one(Wire("client", fix("35=D|34=2|40=1", "FIXT.1.1")), actors=actors)
    assert (entry.title, entry.text) == ("NewOrderSingle(D) #2", "OrdType(40) = 1 MARKET")


def test_a_version_that_nobody_knows_is_still_shown():
    session = SessionSettings(SessionId("FIX.9.9", "A", "B"), Role.INITIATOR, 30)
    actors = (Actor("client", Side.CLIENT, session=session),)
    assert one(rx("35=0|34=2"), actors=actors).title == "Heartbeat(0) #2"
    assert one(rx("35=0|34=2"), actors=()).title == "Heartbeat(0) #2"


def test_a_history_may_be_empty():
    assert entries(skipped()) == ()


def test_hours_of_heartbeats_are_folded_to_the_first_and_the_last():
    whole = entries(late())
    folded = with_fewer_heartbeats(whole)
    texts = [e.title or e.text for e in folded]
    fold = texts.index("958 heartbeats left out")
    assert texts[fold - 1 : fold + 2] == [
        "Heartbeat(0) #2",
        "958 heartbeats left out",
        "Heartbeat(0) #481",
    ]
    assert len(folded) == len(whole) - 957


def test_few_heartbeats_and_answers_are_not_folded():
    answers = ended(
        story(CONNECT), Result.PASS,
        [(float(n), "<", rx(f"35=0|34={n}|112=Q{n}")) for n in range(20)],
    )  # fmt: skip
    assert with_fewer_heartbeats(entries(answers)) == entries(answers)
    assert with_fewer_heartbeats(entries(passed())) == entries(passed())


def test_the_decisive_heartbeat_is_never_folded():
    whole = entries(late())
    at = next(i for i, e in enumerate(whole) if e.title == "Heartbeat(0) #100")
    marked = (*whole[:at], replace(whole[at], decisive=True), *whole[at + 1 :])
    assert [e for e in with_fewer_heartbeats(marked) if e.decisive] == [marked[at]]

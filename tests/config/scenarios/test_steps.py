"""Every kind of step: what its YAML comes to, in literals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fixgate.config.scenarios.defaults import default_of
from fixgate.dice import Uniform
from fixgate.faults import ArmedFault, FieldTest, Trigger, Way
from fixgate.faults.model import Delay, Drop, SetFields
from fixgate.scenario.expressions import Expression
from fixgate.scenario.matching import (
    Absent,
    Between,
    Exactly,
    FieldMatch,
    GroupMatch,
    Matches,
    MessageMatch,
    Near,
    OneOf,
    Present,
)
from fixgate.scenario.model import Need
from fixgate.scenario.steps import (
    Advance,
    AnyOf,
    ArmFault,
    Ask,
    Clear,
    Connect,
    Disconnect,
    Expect,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    HowClosed,
    Logout,
    Never,
    Parallel,
    Place,
    Repeat,
    Restart,
    Send,
    SendRaw,
    SetSeqNum,
    StoreFate,
    Wait,
)
from fixgate.scenario.vocabulary import vocabulary_of
from tests.config.scenarios.helpers import scenario, step, steps, write

S = 1_000_000_000
CLIENT_HEAD = "title: t\nunder_test: client\nsteps:\n"


def test_connect(tmp_path):
    text = "title: t\nunder_test: venue\nsteps:\n  - connect\n  - expect: closed\n"
    (first, _) = scenario(tmp_path, text).steps
    path = str(tmp_path / "some.yaml")
    place = Place(path, 4, "connect and exchange Logons, within 5s")
    assert first == Connect(place, "client", True, 5 * S)
    text = text.replace("- connect", "- connect:\n    logon: false\n    within: 2s").replace(
        "under_test: venue", "under_test: client"
    )
    (first, _) = scenario(tmp_path, text).steps
    place = Place(path, 4, "let the client connect, without a Logon, within 2s")
    assert first == Connect(place, "venue", False, 2 * S)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("disconnect", HowClosed.FIN),
        ("disconnect: fin", HowClosed.FIN),
        ("disconnect: rst", HowClosed.RST),
        ("disconnect: silent", HowClosed.SILENT),
    ],
)
def test_disconnect(tmp_path, text, how):
    found = step(tmp_path, f"  - {text}\n")
    assert isinstance(found, Disconnect)
    assert (found.on, found.how) == ("client", how)


def test_logout(tmp_path):
    found = step(tmp_path, "  - logout:\n    text: bye\n    within: 1s\n")
    assert found == Logout(found.place, "client", "bye", S)
    assert found.place.text == "log out with Text(58) = bye, within 1s"


def sent(tmp_path, text, head=None):
    found = step(tmp_path, text, *([head] if head else []))
    assert isinstance(found, Send)
    return found


def test_send_completes_what_is_required(tmp_path):
    found = sent(tmp_path, "  - send: NewOrderSingle\n    with: {Side: SELL}\n    as: order\n")
    assert (found.on, found.msg_type, found.name) == ("client", b"D", "order")
    assert found.fields == (
        (11, Expression("unique('C')")),
        (55, b"ABC"),
        (54, b"2"),
        (60, Expression("now")),
        (38, b"100"),
        (40, b"2"),
        (44, b"90"),
    )
    assert found.place.text == "send NewOrderSingle(D) with Side(54) = 2 (SELL), called order"


def test_a_market_order_has_no_price(tmp_path):
    found = sent(tmp_path, "  - send: D\n    with: {OrdType: MARKET}\n")
    assert 44 not in dict(found.fields)
    found = sent(tmp_path, "  - send: D\n    with: {Price: 101.5}\n")
    assert dict(found.fields)[44] == b"101.5"


def test_fields_by_tag_by_code_by_expression_and_unchecked(tmp_path):
    found = sent(
        tmp_path,
        "  - send: NewOrderSingle\n"
        "    with:\n"
        "      9999: x\n"
        "      1: ACCOUNT\n"
        "      PossResend: Y\n"
        "      ClOrdID: = concat('A', 1)\n"
        "      Side: '1'\n"
        "      Symbol: absent\n"
        "      OrderQty: {raw: '+1'}\n"
        "      Text: {raw: }\n",
    )
    assert found.fields == (
        (97, b"Y"),
        (11, Expression("concat('A', 1)")),
        (1, b"ACCOUNT"),
        (54, b"1"),
        (60, Expression("now")),
        (38, b"+1"),
        (40, b"2"),
        (44, b"90"),
        (58, b""),
        (9999, b"x"),
    )


def test_groups_are_flattened_in_the_order_of_the_dictionary(tmp_path):
    found = sent(
        tmp_path,
        "  - send: NewOrderSingle\n"
        "    with:\n"
        "      NoPartyIDs:\n"
        "        - {PartyRole: '1', PartyID: A, NoPartySubIDs: [{PartySubID: s}]}\n"
        "        - {PartyID: B}\n",
    )
    assert found.fields[1:8] == (
        (453, b"2"), (448, b"A"), (452, b"1"), (802, b"1"), (523, b"s"), (448, b"B"), (55, b"ABC"),
    )  # fmt: skip


def test_a_data_field_gets_its_length(tmp_path):
    found = sent(tmp_path, "  - send: Heartbeat\n    with: {}\n")
    assert found.fields == ()
    found = sent(tmp_path, "  - send: News\n    with: {RawData: 'abcd'}\n")
    assert found.fields[-2:] == ((95, b"4"), (96, b"abcd"))


def test_a_logon_and_a_message_of_no_known_type(tmp_path):
    head = "title: t\nunder_test: venue\nsession: {version: FIX.5.0SP2, heartbeat: 7s}\nsteps:\n"
    found = sent(tmp_path, "  - send: Logon\n", head)
    assert found.fields == ((98, b"0"), (108, b"7"), (1137, b"9"))
    found = sent(tmp_path, "  - send: ZZ\n    with: {Text: what}\n")
    assert (found.msg_type, found.fields) == (b"ZZ", ((58, b"what"),))


@pytest.mark.parametrize(
    ("version", "text"), [("FIX.4.0", "timestamp(now, 0)"), ("FIX.4.2", "now")]
)
def test_before_fix_42_timestamps_have_no_milliseconds(tmp_path, version, text):
    head = f"title: t\nunder_test: venue\nsession: {{version: {version}}}\nsteps:\n"
    step(tmp_path, "  - send: NewOrderSingle\n", head)  # whatever else that version requires
    ask = sent(tmp_path, "  - send: ResendRequest\n    with: {BeginSeqNo: 1}\n", head)
    assert dict(ask.fields)[16] == (b"999999" if version == "FIX.4.0" else b"0")
    session = scenario(tmp_path, f"{head}  - connect\n  - expect: any\n").actors[0].session
    assert default_of(60, session, vocabulary_of(version)) == Expression(text)


def test_send_raw(tmp_path):
    found = step(tmp_path, "  - send_raw: 8=FIX.4.4|9=@|35=0|10=000|\n    as: odd\n")
    assert found == SendRaw(found.place, "client", b"8=FIX.4.4\x019=@\x0135=0\x0110=000\x01", "odd")
    assert found.place.text == "send the bytes 8=FIX.4.4|9=@|35=0|10=000|, called odd"


def test_expect(tmp_path):
    found = steps(
        tmp_path,
        "  - send: TestRequest\n"
        "    as: question\n"
        "  - expect: [Heartbeat, '5']\n"
        "    with:\n"
        "      TestReqID: = question.TestReqID\n"
        "      MsgSeqNum: {between: [2, 9]}\n"
        "    order: [MsgSeqNum, SendingTime, 112]\n"
        "    within: 2s\n"
        "    as: answer\n"
        "    should: true\n",
    )[1]
    match = MessageMatch(
        (b"0", b"5"),
        (
            FieldMatch(112, Exactly(Expression("question.TestReqID"))),
            FieldMatch(34, Between(b"2", b"9")),
        ),
        (34, 52, 112),
    )
    assert found == Expect(found.place, "client", match, 2 * S, "answer")
    assert found.place.should
    assert found.place.text == (
        "expect Heartbeat(0) or Logout(5) with TestReqID(112) = question.TestReqID, "
        "MsgSeqNum(34) from 2 to 9, in the order MsgSeqNum(34), SendingTime(52), TestReqID(112), "
        "within 2s, called answer"
    )


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ("FILLED", Exactly(b"2")),
        ("absent", Absent()),
        ("present", Present()),
        ("{one_of: [NEW, '2']}", OneOf((b"0", b"2"))),
        ("{matches: '^[012]$'}", Matches("^[012]$")),
        ("{raw: absent}", Exactly(b"absent")),
        ("= order.ClOrdID", Exactly(Expression("order.ClOrdID"))),
    ],
)
def test_matchers_of_a_field(tmp_path, text, matcher):
    found = steps(
        tmp_path,
        f"  - send: NewOrderSingle\n    as: order\n"
        f"  - expect: ExecutionReport\n    with: {{OrdStatus: {text}}}\n",
    )[1]
    assert isinstance(found, Expect)
    assert found.match.fields == (FieldMatch(39, matcher),)


@pytest.mark.parametrize(
    ("text", "tag", "matcher"),
    [
        ("LeavesQty: {at_least: 1}", 151, Between(b"1", None)),
        ("LeavesQty: {at_most: 5.0}", 151, Between(None, b"5.0")),
        ("AvgPx: {near: 100, by: 0.5}", 6, Near(b"100", Decimal("0.5"))),
        ("TransactTime: {near: = now, by: 1500ms}", 60, Near(Expression("now"), Decimal("1.5"))),
        ("9999: {at_least: 7}", 9999, Between(b"7", None)),
        ("NoPartyIDs: [{PartyID: A}, {}]", 453, None),
    ],
)
def test_measures_and_groups(tmp_path, text, tag, matcher):
    found = step(tmp_path, f"  - expect: ExecutionReport\n    with: {{{text}}}\n")
    assert isinstance(found, Expect)
    if matcher is None:
        group = GroupMatch(453, ((FieldMatch(448, Exactly(b"A")),), ()))
        assert found.match.fields == (group,)
    else:
        assert found.match.fields == (FieldMatch(tag, matcher),)


def test_expect_closed_connection_nothing(tmp_path):
    found = steps(
        tmp_path,
        "  - {expect: nothing, for: 3s}\n"
        "  - {expect: closed, how: rst, within: 1s}\n"
        "  - {expect: connection}\n"
        "  - expect: any\n",
        CLIENT_HEAD,
    )
    assert found == (
        ExpectSilence(found[0].place, "venue", 3 * S),
        ExpectClosed(found[1].place, "venue", HowClosed.RST, S),
        ExpectConnection(found[2].place, "venue", 5 * S),
        Expect(found[3].place, "venue", MessageMatch(()), 5 * S),
    )


def test_any_of(tmp_path):
    found = step(
        tmp_path,
        "  - any_of:\n"
        "      - expect: Reject\n"
        "      - - expect: Logout\n"
        "        - expect: closed\n"
        "    should: true\n",
    )
    assert isinstance(found, AnyOf)
    assert found.place.should
    one, two = found.alternatives
    assert [type(each) for each in (*one, *two)] == [Expect, Expect, ExpectClosed]
    assert found.place.text == (
        "expect Reject(3), within 5s or expect Logout(5), within 5s, then expect that the "
        "connection is closed, within 5s"
    )


def test_never_and_clear(tmp_path):
    found = steps(tmp_path, "  - {never: [D, G], as: quiet}\n  - wait: 2s\n  - clear: quiet\n")
    assert found == (
        Never(found[0].place, "client", MessageMatch((b"D", b"G")), "quiet"),
        Wait(found[1].place, 2 * S),
        Clear(found[2].place, "client", "quiet"),
    )


def test_fault(tmp_path):
    found = steps(
        tmp_path,
        "  - fault: drop\n"
        "    with: {msg_types: Heartbeat}\n"
        "    as: deaf\n"
        "    way: in\n"
        "    when:\n"
        "      msg_type: [TestRequest, Heartbeat]\n"
        "      fields: {PossDupFlag: Y, Text: present}\n"
        "      nth: 2\n"
        "      times: 1\n"
        "      after: 10s\n"
        "      for: 5s\n"
        "      probability: 0.5\n"
        "  - fault: delay\n"
        "    with: {by: {uniform: {low: 100ms, high: 2s}}}\n"
        "    when: {during: deaf}\n"
        "  - fault: set_fields\n"
        "    with: {fields: {SenderCompID: WRONG, 54: SELL}}\n"
        "  - clear: all\n",
    )
    trigger = Trigger(
        frozenset({b"1", b"0"}), (FieldTest(43, b"Y"), FieldTest(58)), 2, 1, 10 * S, 5 * S, 0.5
    )
    deaf = ArmedFault("deaf", Drop(frozenset({b"0"})), Way.IN, trigger)
    slow = ArmedFault("delay", Delay(Uniform(100_000_000, 2 * S)), Way.OUT, Trigger(during="deaf"))
    assert found[:2] == (
        ArmFault(found[0].place, "client", deaf),
        ArmFault(found[1].place, "client", slow),
    )
    assert isinstance(found[2], ArmFault)
    assert isinstance(found[2].armed.fault, SetFields)
    assert found[2].armed.fault.fields == ((49, b"WRONG"), (54, b"2"))
    assert found[3] == Clear(found[3].place, "client", "")


def test_restart(tmp_path):
    text = "  - restart: venue\n    store: rolled_back\n    lost: 5\n    down: 3s\n"
    (found,) = steps(tmp_path, text)
    assert found == Restart(found.place, "venue", StoreFate.ROLLED_BACK, 5, 3 * S)
    assert found.place.text == (
        "venue ends without a Logout and starts again, its last 5 messages forgotten, 3s later"
    )


def test_set_seqnum_and_advance(tmp_path):
    found = steps(
        tmp_path,
        "  - send: TestRequest\n    as: a\n"
        "  - set_seqnum: {next_out: 10, next_in: = a.MsgSeqNum + 1}\n"
        "  - advance: 6h\n"
        "  - advance: {to: '21:00'}\n",
    )
    assert found[1:] == (
        SetSeqNum(found[1].place, "client", b"10", Expression("a.MsgSeqNum + 1")),
        Advance(found[2].place, 6 * 3600 * S),
        Advance(found[3].place, None, 21 * 3600 * S),
    )
    assert found[3].place.text == "let time pass until 21:00:00 UTC"


def test_ask_is_done_by_the_system_under_test(tmp_path):
    found = step(
        tmp_path,
        "  - ask: send an order for 100 ABC\n"
        "    does: {send: NewOrderSingle, with: {Symbol: ABC}}\n",
        CLIENT_HEAD,
    )
    assert isinstance(found, Ask)
    assert isinstance(found.does, Send)
    assert (found.text, found.does.on) == ("send an order for 100 ABC", "client")
    assert found.place.text == "ask the client to send an order for 100 ABC"


def test_parallel_and_repeat(tmp_path):
    found = steps(
        tmp_path,
        "  - parallel: [[{send: TestRequest}], [{wait: 1s}, {expect: Heartbeat}]]\n"
        "  - repeat: 3\n"
        "    counter: round\n"
        "    steps:\n"
        "      - send: TestRequest\n"
        "        with: {TestReqID: \"= concat('T', round)\"}\n"
        "        as: asked\n",
    )
    assert isinstance(found[0], Parallel)
    assert [len(branch) for branch in found[0].branches] == [1, 2]
    repeat = found[1]
    assert isinstance(repeat, Repeat)
    assert (repeat.times, repeat.counter, len(repeat.steps)) == (3, "round", 1)


def test_include(tmp_path):
    write(
        tmp_path,
        "parameters: {Text: , Wait: 2s}\n"
        "steps:\n"
        "  - send: News\n"
        "    with: {Headline: $Text}\n"
        "    as: told\n"
        "  - wait: $Wait\n",
        "fragments/tell.yaml",
    )
    found = steps(
        tmp_path,
        "  - include: fragments/tell.yaml\n    with: {Text: hello}\n"
        "  - send: News\n    with: {Headline: = told.Headline}\n",
    )
    assert [type(each) for each in found] == [Send, Wait, Send]
    assert isinstance(found[0], Send)
    assert dict(found[0].fields)[148] == b"hello"
    assert found[0].place.path == str(tmp_path / "fragments" / "tell.yaml")
    assert found[0].place.line == 3


def test_needs_follow_from_steps(tmp_path):
    text = (
        "title: t\nunder_test: venue\nneeds: [resends]\nsteps:\n"
        "  - connect\n  - send: NewOrderSingle\n  - expect: any\n  - advance: 6h\n"
        "  - restart: venue\n  - ask: log out\n    does: logout\n"
    )
    assert scenario(tmp_path, text).needs == {
        Need.RESENDS, Need.ORDERS, Need.TIME, Need.RESTART, Need.ASK,
    }  # fmt: skip


def test_another_actor_of_ours(tmp_path):
    text = (
        "title: t\nunder_test: venue\nactors: {second: {like: client, comp_id: OTHER}}\nsteps:\n"
        "  - connect\n  - connect:\n    on: second\n  - {send: TestRequest, on: second}\n"
        "  - {expect: Heartbeat, on: second}\n"
    )
    found = scenario(tmp_path, text)
    assert [(actor.name, actor.side.value) for actor in found.actors] == [
        ("client", "client"), ("second", "client"), ("venue", "venue"),
    ]  # fmt: skip
    assert found.steps[2].place.text == "second: send TestRequest(1)"


def test_the_next_number_of_the_session_is_an_at_sign(tmp_path):
    (sent,) = steps(tmp_path, "  - {send: Heartbeat, with: {MsgSeqNum: '@'}}\n")
    assert isinstance(sent, Send)
    assert sent.fields == ((34, b"@"),)
    assert sent.place.text == "send Heartbeat(0) with MsgSeqNum(34) = @, beside the session"


def test_faults_that_do_not_get_in_each_others_way(tmp_path):
    found = steps(
        tmp_path,
        "  - fault: drop\n"
        "  - fault: slow_close\n    with: {by: 2s}\n"
        "  - {fault: duplicate, way: in}\n"
        "  - clear: drop\n"
        "  - fault: duplicate\n    as: again\n"
        "  - fault: drop\n    when: {nth: 2}\n",
    )
    assert [type(each) for each in found] == [ArmFault, ArmFault, ArmFault, Clear] + [ArmFault] * 2


@pytest.mark.parametrize(
    "fault",
    [
        "{fault: cut, when: {msg_type: TestRequest}}",
        "{fault: rst}",
        "{fault: half_open, when: {msg_type: TestRequest}}",
        "{fault: blackhole, when: {for: 1m}}",
    ],
)
def test_a_fault_may_have_ended_the_connection(tmp_path, fault: str):
    found = steps(tmp_path, f"  - {fault}\n  - {{send: TestRequest}}\n  - connect\n")
    assert isinstance(found[-1], Connect)


@pytest.mark.parametrize("fault", ["refuse_logon_by_logout", "ignore_logon", "fin"])
def test_a_fault_armed_before_may_end_a_connection_that_is_made(tmp_path, fault: str):
    head = CLIENT_HEAD + f"  - {{fault: {fault}}}\n"
    found = steps(tmp_path, "  - expect: Logon\n  - connect\n", head)
    assert isinstance(found[-1], Connect)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("{fault: late, with: {by: 3s}}", "(by 3s)"),
        ("{fault: delay, with: {by: 1500ms}}", "(by 1500ms)"),
        ("{fault: clock_skew, with: {by: -2h}}", "(by -2h)"),
        ("{fault: set_fields, with: {fields: {Text: HI}}}", "(fields 58=HI)"),
    ],
)
def test_what_a_fault_is_given_reads_as_it_was_written(tmp_path, fault: str, text: str):
    armed = step(tmp_path, f"  - {fault}\n")
    assert armed.place.text.endswith(text)

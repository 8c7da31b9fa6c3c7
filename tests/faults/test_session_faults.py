"""Sequence numbers, resends, heartbeats, Logons."""

from fixgate.faults import Trigger, Way
from tests.faults.rig import SECOND, Rig, armed

HEADER = "49=V|56=C|52=20231114-22:13:20"


def test_gap_up_and_down_from_a_message_on():
    up = Rig(armed("gap_up", by=10, trigger=Trigger(nth=2)))
    assert up.out("35=0|34=1", "35=D|34=2", "35=D|34=3") == [
        "> 35=0|34=1",
        "> 35=D|34=12",
        "> 35=D|34=13",
    ]
    assert up.did() == ["MsgSeqNum(34): 2 -> 12", "MsgSeqNum(34): 3 -> 13"]
    down = Rig(armed("gap_down", by=2))
    assert down.out("35=D|34=2", "35=D|34=9") == ["> 35=D|34=1", "> 35=D|34=7"]


def test_what_is_resent_keeps_its_number_in_a_gap():
    rig = Rig(armed("gap_up", by=10))
    assert rig.out("35=D|34=2|43=Y", "35=4|34=3|123=Y|36=5") == [
        "> 35=D|34=2|43=Y",
        "> 35=4|34=13|123=Y|36=15",
    ]


def test_ignored_resend_request_leaves_no_gap_in_our_session():
    rig = Rig(armed("ignore_resend_request"))
    assert rig.come(f"35=2|34=5|{HEADER}|7=1|16=0", "35=0|34=6") == [
        f"< 35=0|34=5|{HEADER}",
        "< 35=0|34=6",
    ]


def test_gap_fill_over_application_messages():
    rig = Rig(armed("gap_fill_resend"))
    rig.out(f"35=8|34=7|{HEADER}|57=DESK|17=E")
    assert rig.come("35=2|34=5|49=C|56=V|52=20231114-22:13:20|7=3|16=0") == [
        "> 35=4|34=3|43=Y|49=V|56=C|57=DESK|52=20231114-22:13:20|122=20231114-22:13:20|123=Y|36=8",
        "< 35=0|34=5|49=C|56=V|52=20231114-22:13:20",
    ]
    assert rig.did() == ["answered by a GapFill from 3 to 8"]


def test_gap_fill_before_we_have_said_anything_is_the_sessions():
    rig = Rig(armed("gap_fill_resend"))
    assert rig.come("35=2|34=5|7=3|16=0") == ["< 35=2|34=5|7=3|16=0"]


def test_resend_from_another_number():
    rig = Rig(armed("resend_wrong_range", by=2))
    assert rig.come("35=2|34=5|7=3|16=9") == ["< 35=2|34=5|7=5|16=9"]
    rig = Rig(armed("resend_wrong_range", by=-9))
    assert rig.come("35=2|34=5|7=3|16=9") == ["< 35=2|34=5|7=1|16=9"]


def test_resent_without_poss_dup():
    rig = Rig(armed("resend_without_poss_dup"))
    assert rig.out("35=8|34=2|43=Y|122=20231114-22:13:20|17=E", "35=8|34=3|17=F") == [
        "> 35=8|34=2|17=E",
        "> 35=8|34=3|17=F",
    ]


def test_resent_for_ever():
    rig = Rig(armed("resend_forever", every=SECOND))
    rig.out("35=8|34=2|43=Y|17=E", "35=8|34=3|43=Y|17=F", "35=0|34=4")
    again = ["> 35=8|34=2|43=Y|17=E", "> 35=8|34=3|43=Y|17=F"]
    assert rig.wait(3) == again * 3
    assert rig.clear() == []
    assert rig.wait(60) == []


def test_wrong_sequence_resets():
    gap_fill, reset = "35=4|34=2|43=Y|123=Y|36=9", "35=4|34=2|36=9"
    for name, params, before, after in (
        ("new_seq_no_too_low", {"by": 4}, gap_fill, "35=4|34=2|43=Y|123=Y|36=5"),
        ("new_seq_no_too_low", {"by": 40}, reset, "35=4|34=2|36=0"),
        ("new_seq_no_too_high", {"by": 4}, reset, "35=4|34=2|36=13"),
        ("gap_fill_without_flag", {}, gap_fill, "35=4|34=2|43=Y|36=9"),
        ("gap_fill_as_reset", {}, gap_fill, "35=4|34=2|43=Y|123=N|36=9"),
        ("reset_as_gap_fill", {}, reset, "35=4|34=2|36=9|123=Y"),
        ("reset_as_gap_fill", {}, gap_fill, gap_fill),
        ("gap_fill_without_flag", {}, reset, reset),
    ):
        assert Rig(armed(name, **params)).out(before) == [f"> {after}"], name


REGULAR, ANSWER, OTHER = "35=0|34=2", "35=0|34=3|112=X", "35=8|34=4|17=E"


def test_muted_heartbeats_leave_no_gap_until_it_is_over():
    rig = Rig(armed("mute_heartbeats"))
    assert rig.out(REGULAR, ANSWER, OTHER) == ["> 35=8|34=2|17=E"]
    rig.clear()
    assert rig.out("35=0|34=5") == ["> 35=0|34=5"]
    assert rig.did() == [
        "not sent: MsgType(35)=0 MsgSeqNum(34)=2",
        "not sent: MsgType(35)=0 MsgSeqNum(34)=3",
    ]


def test_kinds_of_silence():
    for name, expected in (
        ("mute_regular_heartbeats", ["> 35=0|34=2|112=X", "> 35=8|34=3|17=E"]),
        ("ignore_test_request", ["> 35=0|34=2", "> 35=8|34=3|17=E"]),
        ("answer_test_requests_only", ["> 35=0|34=2|112=X"]),
    ):
        assert Rig(armed(name)).out(REGULAR, ANSWER, OTHER) == expected, name


def test_a_session_that_only_answers_test_requests_logs_on():
    rig = Rig(armed("answer_test_requests_only"))
    assert rig.out("35=A|34=1|98=0|108=30") == ["> 35=A|34=1|98=0|108=30"]


def test_wrong_test_req_id():
    rig = Rig(armed("wrong_test_req_id"))
    assert rig.out(REGULAR, ANSWER) == ["> 35=0|34=2", "> 35=0|34=3|112=WRONG"]


LOGON = f"35=A|34=1|{HEADER}|98=0|108=30"


def test_refused_by_logout():
    rig = Rig(armed("refuse_logon_by_logout", text="closed today"))
    assert rig.out(LOGON, "35=0|34=2") == [f"> 35=5|34=1|{HEADER}|58=closed today", "> FIN"]
    assert rig.did() == ["a Logout instead of the Logon"]


def test_refused_by_reject_names_the_logon():
    rig = Rig(armed("refuse_logon_by_reject"))
    rig.come("35=A|34=17|49=C|56=V|98=0|108=30")
    assert rig.out(LOGON) == [f"> 35=3|34=1|{HEADER}|45=17|372=A", "> FIN"]


def test_refused_by_silence():
    rig = Rig(armed("ignore_logon", trigger=Trigger(times=1)))
    assert rig.out(LOGON, "35=0|34=2") == []
    rig.passage.finish(rig.now_ns)
    assert rig.take() == ["> FIN"]
    rig.passage.closed(rig.now_ns)
    # The next attempt is another connection's.
    rig.passage = rig.injector.connect(rig.now_ns)
    assert rig.out(LOGON) == [f"> {LOGON}"]


def test_logons_are_counted_over_connections():
    rig = Rig(armed("refuse_logon_by_logout", trigger=Trigger(times=2)))
    answers = []
    for _ in range(3):
        answers.append(rig.out(LOGON)[0][:6])
        rig.passage.closed(rig.now_ns)
        rig.passage = rig.injector.connect(rig.now_ns)
    assert answers == ["> 35=5", "> 35=5", "> 35=A"]


def test_inbound_way_changes_what_our_session_sees():
    rig = Rig(armed("mute_heartbeats", Way.IN))
    assert rig.come(REGULAR, "35=8|34=3|17=E") == ["< 35=8|34=2|17=E"]

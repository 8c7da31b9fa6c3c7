"""Messages lost, late or twice; both directions."""

import pytest

from fixgate.dice import Fixed, Uniform
from fixgate.faults import FieldTest, Trigger, Way
from fixgate.faults.model import Numbers
from tests.faults.rig import SECOND, Rig, armed

A, B, C, D = (f"35=D|34={n}|11=O{n}" for n in (2, 3, 4, 5))


def test_without_faults_everything_passes_as_it_is():
    rig = Rig()
    assert rig.out(A, b"garbage", B) == [f"> {A}", "> garbage", f"> {B}"]
    assert rig.come(A) == [f"< {A}"]
    assert rig.passage.deadline_ns is None
    assert rig.did() == []


def test_drop_loses_what_the_trigger_chooses():
    rig = Rig(armed("drop", trigger=Trigger(frozenset({b"D"}), nth=2, times=1)))
    assert rig.out("35=0|34=1", A, B, C) == ["> 35=0|34=1", f"> {A}", f"> {C}"]
    assert rig.did() == ["lost: MsgType(35)=D MsgSeqNum(34)=3"]


def test_drop_inbound_leaves_outbound_alone():
    rig = Rig(armed("drop", Way.IN))
    assert rig.come(A) == []
    assert rig.out(A) == [f"> {A}"]


def test_drop_by_type_lets_others_and_garbage_pass():
    rig = Rig(armed("drop", msg_types=frozenset({b"0"})))
    assert rig.out("35=0|34=1", A, b"garbage|\x01") == [f"> {A}", "> garbage||"]


def test_trigger_by_field():
    rig = Rig(armed("drop", trigger=Trigger(fields=(FieldTest(11, b"O3"), FieldTest(34)))))
    assert rig.out(A, B, C) == [f"> {A}", f"> {C}"]


def test_trigger_by_time():
    rig = Rig(armed("drop", trigger=Trigger(after_ns=5 * SECOND, for_ns=2 * SECOND)))
    assert rig.out(A) == [f"> {A}"]
    rig.at = 5
    assert rig.out(B) == []
    rig.at = 6.9
    assert rig.out(B) == []
    rig.at = 7
    assert rig.out(C) == [f"> {C}"]


def test_trigger_during_another_fault():
    rig = Rig(armed("drop", trigger=Trigger(during="other")))
    assert rig.out(A) == [f"> {A}"]
    rig.arm(armed("delay", Way.IN, as_="other", by=Fixed(1)))
    assert rig.out(B) == []
    rig.clear("other")
    assert rig.out(C) == [f"> {C}"]


def test_probability_is_the_dices():
    rigs = [Rig(armed("drop", trigger=Trigger(probability=0.5)), seed=seed) for seed in (1, 1, 2)]
    runs = [[bool(rig.out(f"35=D|34={n}")) for n in range(2, 66)] for rig in rigs]
    assert runs[0] == runs[1] != runs[2]
    assert 16 < sum(runs[0]) < 48


def test_delay_holds_up_what_is_behind():
    rig = Rig(armed("delay", trigger=Trigger(nth=2, times=1), by=Fixed(2 * SECOND)))
    assert rig.out(A, B, C) == [f"> {A}"]
    assert rig.wait(1.999) == []
    assert rig.wait(0.001) == [f"> {B}", f"> {C}"]
    assert rig.did() == ["2 s later"]


def test_delay_is_drawn_for_each_message():
    rig = Rig(armed("delay", by=Uniform(SECOND, 9 * SECOND)))
    rig.out(A)
    first = rig.passage.deadline_ns
    rig.wait(9)
    rig.out(B)
    assert first is not None
    assert SECOND <= first - (rig.now_ns - 9 * SECOND) <= 9 * SECOND


def test_cleared_delay_lets_go_what_waits():
    rig = Rig(armed("delay", by=Fixed(60 * SECOND)))
    assert rig.out(A, B) == []
    assert rig.clear("delay") == [f"> {A}", f"> {B}"]


def test_late_message_keeps_its_number():
    rig = Rig(armed("late", trigger=Trigger(times=1), by=3 * SECOND))
    assert rig.out(A, B) == [f"> {B}"]
    assert rig.wait(3) == [f"> {A}"]


def test_late_execution_report_is_renumbered():
    rig = Rig(armed("late_execution_reports", trigger=Trigger(times=1), by=3 * SECOND))
    assert rig.out("35=8|34=2|17=E1", "35=8|34=3|17=E2", "35=0|34=4") == [
        "> 35=8|34=2|17=E2",
        "> 35=0|34=3",
    ]
    assert rig.wait(3) == ["> 35=8|34=4|17=E1"]
    assert rig.out("35=8|34=5|17=E3") == ["> 35=8|34=5|17=E3"]


def test_reorder_lets_others_pass():
    rig = Rig(armed("reorder", trigger=Trigger(times=1), behind=2))
    assert rig.out(A, B, C, D) == [f"> {B}", f"> {C}", f"> {A}", f"> {D}"]


def test_reorder_waits_only_so_long():
    rig = Rig(armed("reorder", within=SECOND))
    assert rig.out(A) == []
    assert rig.wait(1) == [f"> {A}"]


def test_reorder_by_pairs():
    rig = Rig(armed("reorder"))
    assert rig.out(A, B, C, D) == [f"> {B}", f"> {A}", f"> {D}", f"> {C}"]


def test_what_waits_goes_before_our_side_closes():
    rig = Rig(armed("late", by=60 * SECOND))
    rig.out(A)
    rig.passage.finish(rig.now_ns)
    assert rig.take() == [f"> {A}", "> FIN"]


def test_what_waits_comes_before_the_end_of_the_peer():
    rig = Rig(armed("late", Way.IN, by=60 * SECOND))
    rig.come(A)
    rig.passage.ended(rig.now_ns)
    assert rig.take() == [f"< {A}", "< FIN"]


def test_duplicate_comes_again_under_its_number():
    rig = Rig(armed("duplicate", copies=2, trigger=Trigger(times=1)))
    assert rig.out(A, B) == [f"> {A}", f"> {A}", f"> {A}", f"> {B}"]
    assert rig.did() == ["MsgType(35)=D MsgSeqNum(34)=2 comes 2 more times"]


def test_duplicate_comes_later():
    rig = Rig(armed("duplicate", after=2 * SECOND, copies=2, trigger=Trigger(times=1)))
    assert rig.out(A, B) == [f"> {A}", f"> {B}"]
    assert rig.wait(2) == [f"> {A}"]
    assert rig.wait(2) == [f"> {A}"]
    assert rig.wait(9) == []


def test_duplicate_execution_reports_have_numbers_of_their_own():
    rig = Rig(armed("duplicate_execution_reports", trigger=Trigger(times=1)))
    assert rig.out("35=0|34=2", "35=8|34=3|17=E", "35=8|34=4|17=F") == [
        "> 35=0|34=2",
        "> 35=8|34=3|17=E",
        "> 35=8|34=4|17=E",
        "> 35=8|34=5|17=F",
    ]


def test_numbers_do_not_step_back_when_duplicates_are_over():
    rig = Rig(armed("duplicate_execution_reports"))
    rig.out("35=8|34=2|17=E")
    rig.clear()
    assert rig.injector.armed == ()
    assert rig.out("35=8|34=3|17=F") == ["> 35=8|34=4|17=F"]
    # A restart makes the numbers equal again.
    assert rig.out("35=A|34=1|141=Y", "35=0|34=2") == ["> 35=A|34=1|141=Y", "> 35=0|34=2"]


def test_a_resent_message_keeps_its_number():
    rig = Rig(armed("duplicate", numbers=Numbers.IN_ORDER, trigger=Trigger(times=1)))
    assert rig.out("35=D|34=2", "35=D|34=2|43=Y", "35=D|34=3") == [
        "> 35=D|34=2",
        "> 35=D|34=3",
        "> 35=D|34=2|43=Y",
        "> 35=D|34=4",
    ]


def test_ignored_message_is_a_heartbeat_for_our_session():
    rig = Rig(armed("ignore"))
    assert rig.come("35=A|34=1|49=C|56=V|98=0") == ["< 35=A|34=1|49=C|56=V|98=0"]
    assert rig.come("35=D|34=2|49=C|56=V|52=20250101-00:00:00|11=X") == [
        "< 35=0|34=2|49=C|56=V|52=20250101-00:00:00"
    ]
    assert rig.did() == ["MsgType(35) D taken for a Heartbeat(0)"]


def test_two_faults_act_one_after_the_other():
    rig = Rig(armed("duplicate"), armed("set_fields", fields=((11, b"NEW"),)))
    assert rig.out(A) == ["> 35=D|34=2|11=NEW", "> 35=D|34=2|11=NEW"]


def test_contradicting_faults_are_no_error():
    assert Rig(armed("drop"), armed("duplicate")).out(A) == []


def test_the_same_name_twice_is_refused():
    rig = Rig(armed("drop"))
    with pytest.raises(ValueError, match="'drop' is armed already"):
        rig.arm(armed("delay", as_="drop", by=Fixed(1)))


def test_clear_says_whether_there_was_one():
    rig = Rig(armed("drop"))
    assert not rig.injector.clear("other", rig.now_ns)
    assert rig.injector.clear("drop", rig.now_ns)
    assert rig.out(A) == [f"> {A}"]


def test_what_has_passed_of_a_message_is_not_changed_any_more():
    rig = Rig()
    whole = "8=FIX.4.4|9=5|35=0|10=163|".replace("|", "\x01").encode()
    assert rig.out(whole[:9]) == ["> 8=FIX.4.4"]
    rig.arm(armed("drop"))
    assert rig.out(whole[9:] + whole) == ["> |9=5|35=0|10=163|"]
    rig.clear()
    assert rig.out(whole) == ["> 35=0"]


def test_half_a_message_goes_when_the_last_fault_is_over():
    rig = Rig(armed("wrong_checksum"))
    assert rig.out(b"8=FIX.4.4\x019=") == []
    assert rig.clear() == ["> 8=FIX.4.4|9="]
    assert rig.out(b"5\x0135=0\x01") == ["> 5|35=0|"]


def test_each_connection_has_its_own_stream_and_shares_the_count():
    rig = Rig(armed("drop", trigger=Trigger(times=1)))
    assert rig.out(A) == []
    rig.passage.closed(rig.now_ns)
    rig.passage = rig.injector.connect(rig.now_ns)
    assert rig.out(B) == [f"> {B}"]


def test_what_is_no_message_does_not_wait_for_more():
    rig = Rig(armed("wrong_checksum"))
    assert rig.out(b"HTTP/1.1 400\x01Bad 8=F") == ["> HTTP/1.1 400|", "> Bad "]
    assert rig.out(b"IRE") == ["> 8=FIRE"]
    # A message that begins in garbage is still one, and waits for its end.
    assert rig.out(b"8=FI") == []
    assert rig.out(b"X.4.4\x019=5") == []
    assert rig.out(b"\x0135=0\x0110=163\x01") == ["> 8=FIX.4.4|9=5|35=0|10=164|"]


def test_ciphertext_does_not_wait_whatever_it_looks_like():
    rig = Rig(armed("wrong_checksum"))
    for record in (b"\x16\x03\x01", b"8", b"8=FIX.4.4\x019=5", b"\x018=F"):
        assert rig.out(record) == ["> " + record.replace(b"\x01", b"|").decode("latin-1")]
    rig.clear()
    assert rig.out(b"8=FIX.4.4\x01") == ["> 8=FIX.4.4|"]

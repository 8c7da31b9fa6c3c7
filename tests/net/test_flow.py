from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fixgate.net.flow import Differences, Flow, Spans, differences
from tests.fixtext import fix

AGAIN = "43=Y|52=20260101-11:00:00|122=20260101-10:00:00|"
LIVE = "52=20260101-10:00:00|"


def logon(number: int = 1, more: str = "") -> bytes:
    return fix(f"35=A|49=A|56=B|34={number}|{LIVE}98=0|108=30|{more}")


def order(number: int, cl_ord_id: str = "", how: str = LIVE) -> bytes:
    return fix(f"35=D|49=A|56=B|34={number}|{how}11={cl_ord_id or number}|")


def heartbeat(number: int) -> bytes:
    return fix(f"35=0|49=A|56=B|34={number}|{LIVE}")


def gap_fill(number: int, new: int) -> bytes:
    return fix(f"35=4|49=A|56=B|34={number}|{AGAIN}123=Y|36={new}|")


def reset(new: int) -> bytes:
    return fix(f"35=4|49=A|56=B|34=1|{LIVE}36={new}|")


def flow(*messages: bytes, whole: bool = False) -> Flow:
    found = Flow(whole=whole)
    for each in messages:
        found = found.take(each)
    return found


def test_what_a_flow_keeps():
    found = flow(logon(), order(2), heartbeat(3))
    assert sorted(found.marks) == [1, 2, 3]
    assert found.admin == {1: b"A", 3: b"0"}
    assert (found.kept, found.first, found.end, found.expected) == (True, 1, 4, 4)
    assert found.last_ns == 1767261600_000_000_000
    assert not Flow().kept
    assert (Flow().last_ns, Flow(whole=True).kept) == (None, True)


def test_what_is_no_message_is_passed_over():
    found = flow(b"8=FIX.4.4\x0135=D\x01", b"\x0134=1\x01", b"")
    assert not found.kept


def test_a_logon_with_number_1_begins_anew():
    found = flow(logon(), order(2), order(3), logon(more="141=Y|"), heartbeat(2))
    assert sorted(found.marks) == [1, 2]
    assert (found.admin, found.twice, found.clashing) == ({1: b"A", 2: b"0"}, set(), set())


def test_a_logon_that_is_sent_again_or_has_another_number_does_not():
    again = fix(f"35=A|49=A|56=B|34=1|{AGAIN}98=0|108=30|")
    found = flow(logon(), order(2), again, logon(3))
    assert sorted(found.marks) == [1, 2, 3]


def test_equal_messages_have_equal_marks_also_when_sent_again():
    assert flow(order(2)).marks == flow(order(2, how=AGAIN)).marks
    assert flow(order(2)).marks != flow(order(2, "other")).marks


def test_a_logon_is_marked_without_its_secrets():
    assert flow(logon(more="554=secret|")).marks == flow(logon(more="554=******|")).marks


def test_what_came_twice():
    found = flow(order(5), order(5), order(6), order(6, how=AGAIN), order(7), order(7, "x"))
    assert (found.twice, found.clashing) == ({5, 7}, {7})
    found = flow(order(6), order(6, "x", how=AGAIN))
    assert (found.twice, found.clashing) == (set(), {6})


def test_a_log_that_begins_in_the_middle():
    found = flow(order(3, how=AGAIN), gap_fill(4, 8), order(500), order(501))
    assert (found.first, found.end, found.expected) == (500, 502, 502)
    assert sorted(found.marks) == [3, 500, 501]
    assert 7 in found.passed


def test_what_is_expected_is_the_first_that_is_missing():
    assert flow(logon(), order(2), order(4), order(5)).expected == 3
    assert flow(logon(), order(2), order(4), order(3, how=AGAIN)).expected == 5
    assert flow(logon(), gap_fill(2, 9), order(9)).expected == 10
    assert flow(logon(), order(2), reset(20)).expected == 20
    assert flow(logon(), gap_fill(2, 1 << 63)).expected == 1 << 63


def test_where_no_heartbeats_are_kept_a_gap_may_be_one():
    found = flow(logon(), order(2), order(4))
    found.heartbeats = False
    assert found.expected == 5


def test_a_sequence_reset_that_says_nothing_or_goes_back_passes_nothing_over():
    found = flow(logon(), order(2), fix(f"35=4|34=3|{LIVE}"), reset(1), gap_fill(2, 2))
    assert (found.end, 2 in found.passed, 3 in found.passed) == (3, False, False)


def test_a_garbled_message_has_a_number_only():
    found = flow(logon()).take(order(2), garbled=True)
    assert (sorted(found.marks), found.garbled, found.expected) == ([1], {2}, 3)
    anew = found.take(logon(more="141=Y|"), garbled=True)
    assert (anew.garbled, anew.marks) == ({1}, {})


def test_a_move_by_hand():
    found = flow(logon(), order(2), whole=True)
    found.move(10)
    assert (found.end, 2 in found.passed, 3 in found.passed, 9 in found.passed) == (
        10, False, True, True,
    )  # fmt: skip
    found.move(2)
    assert (found.end, sorted(found.marks)) == (2, [1])


SENT = flow(logon(), order(2), order(3), heartbeat(4), order(5), order(6), whole=True)


def test_all_the_same():
    assert differences(SENT, SENT) == Differences(both=6)
    assert not Differences(both=6).wrong


def test_an_end_that_keeps_nothing_is_not_compared():
    assert differences(SENT, Flow()) is None
    assert differences(Flow(), SENT) is None


def test_lost():
    found = differences(SENT, flow(logon(), order(2), order(6)))
    assert found == Differences(both=3, lost=(3, 4, 5))
    assert found.wrong


def test_lost_by_a_store_that_should_have_it():
    received = flow(logon(), order(2), whole=True)
    received.end = 5
    assert differences(SENT, received) == Differences(both=2, lost=(3, 4))


def test_nothing_is_lost_outside_of_what_a_log_has():
    assert differences(SENT, flow(order(3), heartbeat(4))) == Differences(both=2)
    assert differences(SENT, flow(order(2, how=AGAIN))) == Differences(both=1)


def test_heartbeats_are_not_lost_where_none_are_kept():
    received = flow(logon(), order(2), order(3), order(5), order(6))
    assert differences(SENT, received) == Differences(both=5, lost=(4,))
    received.heartbeats = False
    assert differences(SENT, received) == Differences(both=5)
    assert differences(received, SENT) == Differences(both=5)


def test_passed_over():
    received = flow(logon(), order(2), gap_fill(3, 6), order(6))
    assert differences(SENT, received) == Differences(both=3, passed=(3, 4, 5), orders=(3, 5))
    assert differences(received, SENT) == Differences(both=3)


def test_a_gap_fill_in_place_of_a_heartbeat_is_no_difference():
    received = flow(logon(), order(2), order(3), gap_fill(4, 5), order(5), order(6), whole=True)
    assert differences(SENT, received) == Differences(both=5, passed=(4,))


def test_of_unknown_origin():
    received = flow(logon(), order(2), order(3), heartbeat(4), order(5), order(6), order(7))
    sent = flow(logon(), order(2), order(3), heartbeat(4), order(5), whole=True)
    sent.end = 9
    found = differences(sent, received)
    assert found == Differences(both=5, strange=(6, 7))
    assert found.wrong


def test_differing_twice_and_garbled():
    received = flow(logon(), order(2, "x"), order(3), order(3), order(5), order(5, "y", how=AGAIN))
    received.take(heartbeat(4), garbled=True)
    found = differences(SENT, received)
    assert found == Differences(both=4, differing=(2, 5), twice=(3,), garbled=(4,))
    received.take(heartbeat(4))
    assert differences(SENT, received) == Differences(both=5, differing=(2, 5), twice=(3,))


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=30)


@given(SPANS)
def test_spans_are_the_numbers_in_them(spans):
    found, numbers = Spans(), set()
    for first, end in spans:
        found.add(first, end)
        numbers.update(range(first, end))
    assert {number for number in range(-1, 42) if number in found} == numbers
    for number in range(42):
        assert found.end_at(number) == min(n for n in range(number, 43) if n not in numbers)


KINDS = st.sampled_from([order, heartbeat, logon])


@given(st.lists(st.tuples(KINDS, st.integers(1, 30)), max_size=40))
def test_a_flow_beside_itself_lacks_nothing(messages):
    found = flow(*(kind(number) for kind, number in messages))
    compared = differences(found, found)
    if messages:
        assert compared is not None
        assert (compared.both, compared.lost, compared.strange) == (len(found.marks), (), ())
        assert found.first <= found.expected <= found.end

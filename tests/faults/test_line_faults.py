"""The stream of bytes and the connection."""

import pytest

from fixgate.faults import Trigger, Way
from fixgate.faults.model import Ending
from tests.faults.rig import SECOND, Rig, armed, fix

A, B, C = (f"35=D|34={n}|11=O{n}" for n in (2, 3, 4))
ORDERS = frozenset({b"D"})


def test_split_is_at_once():
    rig = Rig(armed("split", size=30))
    pieces = rig.out(A)
    whole = fix(A).replace(b"\x01", b"|").decode()
    assert pieces == [f"> {whole[:30]}", f"> {whole[30:]}"]


def test_drip_takes_its_time_and_keeps_the_order():
    rig = Rig(armed("drip", size=20, pause=SECOND))
    whole = (fix(A) + fix(B)).replace(b"\x01", b"|").decode()
    first = rig.out(A, B)
    assert "".join(each[2:] for each in first) == whole[:20]
    assert "".join(each[2:] for each in rig.wait(30)) == whole[20:]


def test_throttle_is_as_slow_as_it_says():
    rig = Rig(armed("throttle", bytes_per_s=10))
    rig.out(b"x" * 100)
    rig.out(b"x")
    assert len("".join(each[2:] for each in rig.wait(4.95))) == 49
    assert len("".join(each[2:] for each in rig.wait(9))) == 51


def test_coalesce_waits_for_others():
    rig = Rig(armed("coalesce", messages=3, within=SECOND))
    assert rig.out(A, B) == []
    (all_three,) = rig.out(C)
    assert all_three.count("8=FIX") == 3
    assert rig.out(A) == []
    assert rig.wait(1) == [f"> {A}"]


def test_what_is_not_chosen_takes_along_what_waits():
    rig = Rig(armed("coalesce", messages=9, trigger=Trigger(ORDERS)))
    assert rig.out(A) == []
    (both,) = rig.out("35=0|34=3")
    assert both.count("8=FIX") == 2


def test_stall_from_now_on():
    rig = Rig(armed("stall", lasting=5 * SECOND))
    assert rig.out(A) == []
    assert rig.wait(4) == []
    assert rig.out(B) == []
    assert rig.wait(1) == [f"> {A}", f"> {B}"]
    assert rig.out(C) == [f"> {C}"]
    assert rig.did() == ["nothing moves for 5 s"]


def test_stall_behind_a_message():
    rig = Rig(armed("stall", lasting=5 * SECOND, trigger=Trigger(ORDERS, times=1)))
    assert rig.out("35=0|34=1", A, B) == ["> 35=0|34=1", f"> {A}"]
    assert rig.wait(5) == [f"> {B}"]


def test_stall_inbound():
    rig = Rig(armed("stall", Way.IN, lasting=5 * SECOND))
    assert rig.come(A) == []
    assert rig.out(B) == [f"> {B}"]
    assert rig.wait(5) == [f"< {A}"]


@pytest.mark.parametrize(
    ("name", "end"), [("fin", "> FIN"), ("rst", "RST"), ("half_open", "forgotten")]
)
def test_the_connection_ends_at_once_and_once(name: str, end: str):
    rig = Rig(armed(name))
    assert rig.take() == [end]
    assert rig.out(A) == []
    rig.passage.closed(rig.now_ns)
    rig.passage = rig.injector.connect(rig.now_ns)
    assert rig.out(A) == [f"> {A}"]


def test_the_connection_ends_later():
    rig = Rig(armed("rst", trigger=Trigger(after_ns=3 * SECOND)))
    assert rig.out(A) == [f"> {A}"]
    assert rig.wait(3) == ["RST"]


def test_the_connection_ends_as_often_as_asked():
    rig = Rig(armed("rst", trigger=Trigger(times=2)))
    ends = []
    for _ in range(3):
        ends.append(rig.take())
        rig.passage.closed(rig.now_ns)
        rig.passage = rig.injector.connect(rig.now_ns)
    assert ends == [["RST"], ["RST"], []]


def test_the_connection_ends_behind_a_message_of_either_side():
    rig = Rig(armed("rst", trigger=Trigger(ORDERS)))
    assert rig.out("35=0|34=1", A, B) == ["> 35=0|34=1", f"> {A}", "RST"]
    rig = Rig(armed("fin", Way.IN, trigger=Trigger(ORDERS)))
    assert rig.come(A, B) == [f"< {A}", "> FIN", f"< {B}"]


def test_a_message_in_pieces_is_whole_before_the_end():
    rig = Rig(armed("split", size=30), armed("fin", trigger=Trigger(ORDERS)))
    found = rig.out(A, B)
    assert "".join(each[2:] for each in found[:-1]) == fix(A).replace(b"\x01", b"|").decode()
    assert found[-1] == "> FIN"


def test_cut_in_the_middle():
    rig = Rig(armed("cut", after_bytes=9, trigger=Trigger(nth=2)))
    assert rig.out(A, B) == [f"> {A}", "> 8=FIX.4.4", "RST"]
    assert rig.did() == ["after 9 of 38 bytes the connection is reset"]
    rig = Rig(armed("cut", how=Ending.SILENT))
    assert rig.out(A) == ["> " + fix(A)[:19].replace(b"\x01", b"|").decode(), "forgotten"]


def test_blackhole_has_no_direction_and_may_end():
    rig = Rig(armed("blackhole", trigger=Trigger(for_ns=5 * SECOND)))
    assert rig.out(A) == rig.come(B) == []
    rig.wait(5)
    assert rig.out(A) == [f"> {A}"]
    assert rig.come(B) == [f"< {B}"]


def test_the_end_of_the_peer_is_heard_after_a_blackhole():
    rig = Rig(armed("blackhole", trigger=Trigger(for_ns=5 * SECOND)))
    rig.take()
    rig.passage.ended(rig.now_ns)
    assert rig.wait(4.9) == []
    assert rig.wait(0.1) == ["< FIN"]


def test_a_blackhole_from_a_message_on():
    rig = Rig(armed("blackhole", trigger=Trigger(ORDERS)))
    assert rig.out("35=0|34=1", A) == ["> 35=0|34=1"]
    assert rig.come("35=0|34=1") == []


def test_slow_close():
    rig = Rig(armed("slow_close", by=5 * SECOND))
    rig.out(A)
    rig.passage.finish(rig.now_ns)
    assert rig.passage.unsent
    assert rig.wait(4.9) == []
    assert rig.wait(0.1) == ["> FIN"]
    assert not rig.passage.unsent


def test_refused_connections_are_counted():
    rig = Rig(armed("refuse_connections", trigger=Trigger(nth=2, times=2)))
    refused = [rig.injector.refusal(rig.now_ns) is not None for _ in range(5)]
    assert refused == [False, True, True, False, False]
    assert len(rig.injector.records()) == 2
    assert rig.injector.records() == ()


def test_time_does_not_go_back():
    rig = Rig(armed("stall", lasting=5 * SECOND))
    rig.at = 5
    rig.take()
    rig.at = 1
    rig.passage.outbound(fix(A), rig.now_ns)
    rig.at = 10
    assert rig.take() == [f"> {A}"]


def test_the_connection_ends_only_during_another_fault():
    rig = Rig(armed("rst", trigger=Trigger(during="other")))
    assert rig.wait(10) == []
    rig.arm(armed("split", as_="other"))
    assert rig.take() == ["RST"]

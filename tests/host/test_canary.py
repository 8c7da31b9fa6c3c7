"""A canary by clocks that a test moves."""

from fixgate.host.canary import Canary
from fixgate.host.lateness import Lateness
from fixgate.host.stall import Stall, StallKind
from tests.host.clocks import EPOCH_NS, Machine


def _looked(machine: Machine, times: int) -> tuple[list[Stall], Lateness]:
    stalls: list[Stall] = []
    canary = Canary(stalls.append, clocks=machine.clocks)
    for _ in range(times):
        canary.look()
    return stalls, canary.lateness()


def test_what_is_late_by_the_threshold_is_a_stall_from_when_it_was_due():
    stalls, late = _looked(Machine([499_999, 500_000, 0]), 3)
    # Due at 2 ms and 499,999 ns: the first sleep was late by just less than what counts.
    begin_ns = EPOCH_NS + 2_499_999
    assert stalls == [Stall(StallKind.SCHEDULING, begin_ns, begin_ns + 500_000)]
    assert late == Lateness(3, late.p50_ns, 500_000, 500_000)
    assert 499_999 <= late.p50_ns <= 500_000


def test_what_the_process_ran_meanwhile_is_no_stall():
    stalls, late = _looked(Machine([5_000_000, 5_000_000], ran_ns=[5_000_000, 6_000_000]), 2)
    assert stalls == []
    assert late == Lateness(2, 0, 0, 0)


def test_a_stall_of_which_the_process_ran_a_part():
    stalls, late = _looked(Machine([50_000_000], ran_ns=[1_000_000]), 1)
    assert [stall.duration_ns for stall in stalls] == [50_000_000]
    assert late.max_ns == 49_000_000


def test_a_wake_up_before_its_time_is_not_late():
    assert _looked(Machine([-1_000]), 1) == ([], Lateness(1, 0, 0, 0))


def test_stop_without_start_is_harmless():
    Canary([].append).stop()

"""A clock that is set in the middle of a check: every distance in time stays true."""

from __future__ import annotations

import pytest

from fixgate.health.events import Closed
from fixgate.health.judge import judge
from fixgate.health.model import Phase, Status
from fixgate.health.translate import translated
from fixgate.history import Record
from fixgate.net.events import ClockStepped, CloseReason, ConnectionClosed, ConnectionOpened
from tests.health.helpers import STEP_NS, Story, plan

HOUR_NS = 3_600_000_000_000
STEPS = pytest.mark.parametrize("step_ns", [HOUR_NS, -HOUR_NS, 1_000_000_000])


def test_a_connections_own_events_in_the_judges_words():
    history = [
        Record(1, "~", ConnectionOpened("a", "b")),
        Record(2, "~", ConnectionClosed(CloseReason.PEER)),
    ]
    assert list(translated(history)) == [Record(2, "~", Closed(by_peer=True))]


@STEPS
def test_instants_are_by_the_clock_as_it_was_in_the_end(step_ns):
    history = [
        Record(10, "#", "before"),
        Record(20 + step_ns, "~", ClockStepped(step_ns)),
        Record(25 + step_ns, "#", "between"),
        Record(30, "~", ClockStepped(-step_ns)),
        Record(40, "#", "after"),
    ]
    assert [record.at_ns for record in translated(history)] == [10, 20, 25, 30, 40]
    assert [record.at_ns for record in translated(history[:3])] == [
        10 + step_ns, 20 + step_ns, 25 + step_ns,
    ]  # fmt: skip


@STEPS
def test_a_check_is_judged_as_if_nothing_had_stepped(step_ns):
    """Our clock is set while a TestRequest is under way; the venue's SendingTime is as before.

    What the venue says about the time is compared with our clock as it was set right.
    """
    calm = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    first = len(calm.records)
    calm.wait(1).rx("35=0|34=2|112=fixgate-1").done(Phase.TEST_REQUEST).numbered().logged_out()
    before = [record._replace(at_ns=record.at_ns - step_ns) for record in calm.records[:first]]
    at_ns = calm.records[first].at_ns - STEP_NS
    stepped = [*before, Record(at_ns, "~", ClockStepped(step_ns)), *calm.records[first:]]
    report, wanted = judge(plan(), translated(stepped)), calm.judged()
    assert report.round_trips_ns == wanted.round_trips_ns == (2 * STEP_NS,)
    assert report.status is wanted.status is Status.PASS
    assert report.duration_ns == wanted.duration_ns
    assert [each.duration_ns for each in report.phases] == [
        each.duration_ns for each in wanted.phases
    ]
    side = "forward" if step_ns > 0 else "back"
    assert [e.text for e in report.transcript if "clock" in e.text] == [
        f"our clock was set {side} by {abs(step_ns) / 1e9:.2f} s"
    ]

"""What is to be known before a figure is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.latency.distribution import Recorder
from fixgate.latency.model import Distribution, Floor, LatencyPlan, Mode
from fixgate.report.latency.about import about
from fixgate.triage.model import Exchange, StampSource
from tests.latency.samples import MS, US, S, sample
from tests.report.latency.made import FRAME, report
from tests.report.latency.sample import measured
from tests.report.sample import plan


def spread(middle_ns: int, high_ns: int) -> Distribution:
    recorder = Recorder()
    for value_ns in [middle_ns] * 98 + [high_ns] * 2:
        recorder.record(value_ns)
    found = recorder.distribution()
    assert found is not None
    return found


def told(made) -> dict[str, str]:
    return dict(about(made))


def test_an_open_loop():
    floor = Floor(spread(38 * US, 61 * US), spread(11 * US, 17 * US), 25, "tsc")
    assert told(replace(measured(requests=200), floor=floor)) == {
        "measured": "open loop, 50 requests a second on each session, 200 requests",
        "wire": "stamps of the kernel on xlon-main, xetr-tls; none on xpar-main, this process's "
        "own clock stands in",
        "application": "from just before the write to just after the read, by this process's clock",
        "response": "from when each request was due: what a late start kept waiting is in it",
        "floor": "this tool against itself on this machine: application 38.0 us p50, 61.0 us p99; "
        "wire 11.0 us p50, 17.0 us p99; the clock moves by 25 ns (tsc)",
        "process": "ours woke up late by 70.0 us p50, 900 us p99, 12.0 ms max; its event loop was "
        "late by 0 ns p50, 2.00 ms p99, 9.00 ms max; 2 pauses of the garbage collector, 3.00 ms",
    }


@pytest.mark.parametrize(
    ("plans", "wanted"),
    [
        ((LatencyPlan(plan("a"), count=500),), ", 500 requests"),
        ((LatencyPlan(plan("a"), duration_ns=60 * S),), ", for 60.0 s"),
        ((LatencyPlan(plan("a"), count=500), LatencyPlan(plan("b"), count=600)), ""),
        ((), ""),
    ],
)
def test_how_much(plans, wanted):
    closed = report(sample(), frame=replace(FRAME, plans=plans))
    pace = "closed loop, each request after the reply to the one before"
    assert told(closed)["measured"] == pace + wanted


def test_a_capture():
    frame = replace(FRAME, mode=Mode.CAPTURE, targets=("a.pcapng", "b.pcap"), precision_ns=1_000)
    found = told(report(sample(source=StampSource.CAPTURE), frame=frame))
    assert found == {
        "measured": "found in a packet capture: a.pcapng, b.pcap",
        "wire": "instants of the capture",
        "precision": "instants are to 1 us: no figure is finer",
    }


def test_a_log():
    frame = replace(FRAME, mode=Mode.LOG, targets=("fix.log",), precision_ns=MS)
    found = told(report(sample(None, app_ns=3 * MS, source=StampSource.LOG), frame=frame))
    assert found == {
        "measured": "found in a log: fix.log",
        "wire": "none: the log's instants stand in",
        "application": "from the log's instant of the request to that of its reply",
        "precision": "instants are to 1 ms: no figure is finer",
    }


def test_many_sessions_are_counted_rather_than_named():
    samples = [sample(session=f"line {i}") for i in range(5)]
    samples.append(sample(None, session="odd one", app_ns=90 * US))
    assert told(report(*samples))["wire"] == (
        "stamps of the kernel on 5 sessions; none on odd one, this process's own clock stands in"
    )


def test_a_floor_without_stamps():
    floor = Floor(spread(38 * US, 61 * US), None, 1_000)
    found = told(replace(report(sample()), floor=floor))["floor"]
    assert found.endswith("application 38.0 us p50, 61.0 us p99; the clock moves by 1.00 us")


def test_where_no_request_was_measured_the_best_that_came_before_counts():
    logon, tcp = sample(kind=Exchange.LOGON), sample(None, kind=Exchange.TCP)
    assert told(report(logon, tcp))["wire"] == "stamps of the kernel"


def test_a_session_has_the_poorest_clock_of_its_requests():
    stamped, not_stamped = sample(), sample(None, kind=Exchange.CANCEL)
    found = told(report(stamped, not_stamped))["wire"]
    assert found == "none: this process's own clock stands in"


def test_nothing():
    assert told(report())["wire"] == "nothing was measured"

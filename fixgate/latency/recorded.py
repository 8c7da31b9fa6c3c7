"""A report of what a capture or a log gave: the same as of a measurement. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from fixgate.latency.model import Budget, LatencyReport, Mode
from fixgate.latency.recording import Recording
from fixgate.latency.summary import Summary
from fixgate.latency.surroundings import Kept, Triage
from fixgate.sampling.pairing import Why

__all__ = ["report_recording"]

_NO_REPLY = frozenset({Why.OPEN.value, Why.ENDED.value})


def report_recording(
    recording: Recording,
    mode: Mode,
    *,
    targets: Sequence[str],
    budgets: Sequence[Budget] = (),
    worst: int = 10,
    now_ns: int,
    host: str = "",
    version: str = "",
) -> LatencyReport:
    """Return the report of a recording.

    Args:
        recording: What was read.
        mode: `Mode.CAPTURE` or `Mode.LOG`.
        targets: The files, as people call them.
        budgets: Limits.
        worst: How many of the slowest of each exchange and session are kept whole.
        now_ns: Now, for a recording without any message.
        host: Name of this machine.
        version: fixgate's version.
    """
    summary, kept = Summary(budgets=budgets, worst=worst), Kept()
    for sample in recording.samples:
        kept.take(sample)
        summary.take(sample)
    remarks = list(recording.remarks)
    for each in recording.unmeasured:
        if each.why in _NO_REPLY:
            summary.unanswered(each.kind, each.session, each.count)
        else:
            names = ", ".join(each.names) + (", ..." if each.count > len(each.names) else "")
            text = f"{each.session}: {each.kind.value}, {each.count} not used: {each.why} ({names})"
            remarks.append(text)
    began_ns = now_ns if recording.began_ns is None else recording.began_ns
    frame = LatencyReport(
        mode=mode,
        targets=tuple(targets),
        started_ns=began_ns,
        duration_ns=(recording.ended_ns or began_ns) - began_ns,
        series=(),
        remarks=tuple(remarks),
        precision_ns=recording.precision_ns,
        host=host,
        version=version,
    )
    triage = Triage(kept)
    return summary.report(frame, judge=triage.judge, split=triage.split)

"""What was measured, how, by which clocks, and what the measuring itself costs: in sentences."""

from __future__ import annotations

from fixgate.host.lateness import Lateness
from fixgate.latency.model import Figure, Floor, LatencyReport, Mode, Ours
from fixgate.report.latency.figures import format_latency, many, value_of
from fixgate.report.latency.scale import plain_label
from fixgate.report.text import format_duration
from fixgate.triage.model import StampSource

__all__ = ["about"]

_SOURCES = {
    StampSource.HARDWARE: "stamps of the network card",
    StampSource.KERNEL: "stamps of the kernel",
    StampSource.CAPTURE: "instants of the capture",
    StampSource.USER: "none",
    StampSource.LOG: "none",
}
_STANDS_IN = {
    StampSource.USER: "this process's own clock stands in",
    StampSource.LOG: "the log's instants stand in",
}
_NAMED = 3
"""Sessions up to which they are called by their names."""


def about(report: LatencyReport, *, micro: str = "us") -> list[tuple[str, str]]:
    """Return label and text of each thing to know before a figure is read.

    Args:
        report: What was found.
        micro: How microseconds are written.
    """
    told = [("measured", _measured(report)), ("wire", _wire(report))]
    figures = {figure for series in report.series for figure in series.figures}
    if Figure.APP in figures:
        told.append(("application", _application(report, micro)))
    if Figure.RESPONSE in figures:
        told.append(
            ("response", "from when each request was due: what a late start kept waiting is in it")
        )
    if report.precision_ns > 1:
        fine = plain_label(report.precision_ns, micro=micro)
        told.append(("precision", f"instants are to {fine}: no figure is finer"))
    if report.floor is not None:
        told.append(("floor", _floor(report.floor, micro)))
    if report.ours is not None:
        told.append(("process", _ours(report.ours, micro)))
    return told


def _measured(report: LatencyReport) -> str:
    match report.mode:
        case Mode.CAPTURE | Mode.LOG:
            return f"found in a {report.mode.value}: {', '.join(report.targets)}"
        case Mode.OPEN:
            pace = f"open loop, {report.rate or 0:g} requests a second"
        case Mode.CLOSED:
            pace = "closed loop, each request after the reply to the one before"
    each = " on each session" if len(report.targets) > 1 else ""
    return f"{pace}{each}{_amount(report)}"


def _amount(report: LatencyReport) -> str:
    counts = {plan.count for plan in report.plans}
    lengths = {plan.duration_ns for plan in report.plans}
    if len(counts) == 1 and (count := counts.pop()) is not None:
        return f", {many(count, 'request')}"
    if len(lengths) == 1 and (length_ns := lengths.pop()) is not None:
        return f", for {format_duration(length_ns)}"
    return ""


def _wire(report: LatencyReport) -> str:
    """Say whose clock the wire's figures are from, that of most sessions first."""
    by_source: dict[StampSource, list[str]] = {}
    for session, source in _sources(report).items():
        by_source.setdefault(source, []).append(session)
    told = []
    for source, sessions in sorted(by_source.items(), key=lambda item: -len(item[1])):
        text = _SOURCES[source]
        if len(by_source) > 1:
            few = len(sessions) <= _NAMED
            text += f" on {', '.join(sessions) if few else f'{len(sessions)} sessions'}"
        if source in _STANDS_IN:
            text += f"{',' if len(by_source) > 1 else ':'} {_STANDS_IN[source]}"
        told.append(text)
    return "; ".join(told) or "nothing was measured"


def _sources(report: LatencyReport) -> dict[str, StampSource]:
    """Return the clock of each session: the poorest that a figure of its requests is from.

    Where no request was measured, the best that is known of what came before.
    """
    order = list(StampSource)
    requests = [series for series in report.series if series.kind.of_request]
    worse = max if requests else min
    found: dict[str, StampSource] = {}
    for series in requests or report.series:
        source = StampSource.LOG if report.mode is Mode.LOG else series.source
        found[series.session] = worse(found.get(series.session, source), source, key=order.index)
    return found


def _application(report: LatencyReport, micro: str) -> str:
    if report.mode is Mode.LOG:
        return "from the log's instant of the request to that of its reply"
    return "from just before the write to just after the read, by this process's clock"


def _floor(floor: Floor, micro: str) -> str:
    def figures(name: str, median_ns: int | None, p99_ns: int | None) -> str:
        told = f"{name} {format_latency(median_ns, micro=micro)} p50"
        return told if p99_ns is None else f"{told}, {format_latency(p99_ns, micro=micro)} p99"

    parts = [figures("application", value_of(floor.app, 50), value_of(floor.app, 99))]
    if floor.wire is not None:
        parts.append(figures("wire", value_of(floor.wire, 50), value_of(floor.wire, 99)))
    clock = f" ({floor.clock})" if floor.clock else ""
    step = f"the clock moves by {format_latency(floor.clock_ns, micro=micro)}{clock}"
    return f"this tool against itself on this machine: {'; '.join(parts)}; {step}"


def _ours(ours: Ours, micro: str) -> str:
    def figures(name: str, late: Lateness) -> str:
        told = (late.p50_ns, late.p99_ns, late.max_ns)
        half, most, latest = (format_latency(each, micro=micro) for each in told)
        return f"{name} {half} p50, {most} p99, {latest} max"

    parts = [figures("ours woke up late by", ours.waking)]
    if ours.loop.count:
        parts.append(figures("its event loop was late by", ours.loop))
    pauses = many(ours.collections, "pause")
    spent = f", {format_latency(ours.collecting_ns, micro=micro)}" if ours.collections else ""
    return f"{'; '.join(parts)}; {pauses} of the garbage collector{spent}"

"""Latencies and percentiles as people read them, never finer than they were measured."""

from __future__ import annotations

from fixgate.latency.model import Distribution, Figure
from fixgate.triage.model import Exchange, Layer, Sample

__all__ = [
    "FIGURE_WORDS",
    "LETTERS",
    "format_count",
    "format_latency",
    "format_percentile",
    "many",
    "short",
    "took",
    "value_of",
]

_UNITS = ((1, "ns"), (1_000, "us"), (1_000_000, "ms"), (1_000_000_000, "s"))

FIGURE_WORDS = {
    Figure.WIRE: "wire",
    Figure.APP: "application",
    Figure.RESPONSE: "response",
}
"""What a figure is called where there is little room."""

_SHORT = {
    Exchange.HEARTBEAT: "heartbeat",
    Exchange.ACKNOWLEDGEMENT: "order ack",
    Exchange.FILL: "order fill",
    Exchange.CANCEL: "cancel",
    Exchange.LOGON: "Logon",
    Exchange.TCP: "TCP",
    Exchange.TLS: "TLS",
}

LETTERS = {
    Layer.HOST: "H",
    Layer.STACK: "S",
    Layer.PATH: "P",
    Layer.TLS: "T",
    Layer.GATEWAY: "G",
    Layer.MATCHING: "M",
    Layer.PEER_READING: "R",
    Layer.UNATTRIBUTED: "?",
}
"""A letter for each layer, so that its share of a bar can be told without colours."""


def short(kind: Exchange) -> str:
    """Return an exchange in a word or two."""
    return _SHORT[kind]


def format_latency(
    value_ns: int | None, precision_ns: int = 1, *, micro: str = "us", nothing: str = "-"
) -> str:
    """Return a latency with three significant digits, or as many as it was measured with.

    Args:
        value_ns: Nanoseconds; ``None`` when there is none.
        precision_ns: How fine the instants are that it is the difference of.
        micro: How microseconds are written.
        nothing: What stands for ``None``.
    """
    if value_ns is None:
        return nothing
    if abs(value_ns) < precision_ns and precision_ns > 1:
        unit_ns, unit = next(u for u in reversed(_UNITS) if precision_ns >= u[0])
        return f"<{precision_ns / unit_ns:g} {micro if unit == 'us' else unit}"
    # The unit in which it has at most three digits before the point, rounded as it will be.
    unit_ns, unit = next((each for each in _UNITS if abs(value_ns) < 999.5 * each[0]), _UNITS[-1])
    value = value_ns / unit_ns
    significant = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    known = len(str(unit_ns)) - len(str(max(precision_ns, 1)))
    digits = max(min(significant, known), 0)
    return f"{value:.{digits}f} {micro if unit == 'us' else unit}"


def many(count: int, noun: str) -> str:
    """Return a number and its noun, such as ``3 budgets``."""
    return f"{format_count(count)} {noun}{'' if count == 1 else 's'}"


def format_percentile(percentile: float) -> str:
    """Return ``p50``, ``p99.9``; 100 is ``max``."""
    return "max" if percentile == 100 else f"p{percentile:g}"


def format_count(count: int) -> str:
    """Return a number with its thousands apart, such as ``13,500``."""
    return f"{count:,}"


def value_of(found: Distribution | None, percentile: float) -> int | None:
    """Return a percentile; ``None`` where so few samples cannot tell it, or there are none."""
    if found is None:
        return None
    return dict(found.percentiles).get(percentile)


def took(sample: Sample, figure: Figure) -> int | None:
    """Return a figure of one sample; ``None`` where it has none."""
    match figure:
        case Figure.WIRE:
            return sample.wire_ns
        case Figure.APP:
            return sample.app_ns
        case Figure.RESPONSE:
            return None if sample.due_ns is None else sample.response_ns

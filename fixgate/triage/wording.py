"""Durations and shares as people read them."""

from __future__ import annotations

__all__ = ["percent", "shown"]


def shown(duration_ns: int) -> str:
    """Return a duration in three digits, such as ``850 us``, ``12.3 ms`` or ``1.02 s``."""
    size_ns = abs(duration_ns)
    for unit, unit_ns in (("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)):
        if size_ns >= unit_ns:
            value = duration_ns / unit_ns
            digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
            return f"{value:.{digits}f} {unit}"
    return f"{duration_ns} ns"


def percent(share: float) -> str:
    """Return a share such as ``83 %``."""
    return f"{100 * share:.0f} %"

"""Numbers and lists of CPUs, as the kernel writes them."""

from __future__ import annotations

__all__ = ["MOST_CPUS", "cpu_list", "natural", "whole"]

MOST_CPUS = 8192
"""The most that Linux is built for (``NR_CPUS``); a list with more of them is no list of CPUs."""

_MOST_DIGITS = 20
"""Of the kernel's largest, 2**64 - 1."""


def natural(text: str) -> int | None:
    """Return a number of decimal digits alone, or ``None``."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None


def whole(text: str) -> int | None:
    """Return a number that may have a sign, or ``None``."""
    if text.startswith("-"):
        found = natural(text[1:])
        return None if found is None else -found
    return natural(text)


def cpu_list(text: str | None) -> frozenset[int] | None:
    """Return the CPUs of a list such as ``0-3,8,10-14:2``; ``None`` where it is none.

    Spec: Linux admin-guide/kernel-parameters, "cpu lists". An empty list is a list.
    """
    if text is None:
        return None
    found: set[int] = set()
    for part in text.strip().split(","):
        if not part:
            continue
        span, _, step = part.partition(":")
        first, dash, last = span.partition("-")
        low, high = natural(first), natural(last if dash else first)
        # 0-31:1/2 is the first 1 of every 2.
        used, _, group = step.partition("/")
        use = natural(used) if step and group else 1
        every = natural(group or used) if step else 1
        if low is None or high is None or use is None or not every or high >= MOST_CPUS:
            return None
        found.update(cpu for cpu in range(low, high + 1) if (cpu - low) % every < use)
    return frozenset(found)

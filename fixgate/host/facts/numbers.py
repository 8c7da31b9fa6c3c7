"""Numbers and lists of CPUs, as the kernel writes them."""

from __future__ import annotations

__all__ = ["MOST_CPUS", "cpu_list", "cpu_mask", "cpu_text", "natural", "whole"]

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


def cpu_list(text: str | None) -> tuple[int, ...] | None:
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
    return tuple(sorted(found))


def cpu_mask(text: str | None) -> tuple[int, ...] | None:
    """Return the CPUs of a mask such as ``ff,00000001``; ``None`` where it is none.

    Spec: Linux core-api/irq/irq-affinity: hexadecimal words of 32 bits, the highest first.
    """
    words = (text or "").strip().split(",")
    if len(words) * 32 > MOST_CPUS:
        return None
    bits = 0
    for word in words:
        if not word or len(word) > 8 or set(word) - set("0123456789abcdefABCDEF"):
            return None
        bits = bits << 32 | int(word, 16)
    return tuple(cpu for cpu in range(bits.bit_length()) if bits >> cpu & 1)


def cpu_text(cpus: tuple[int, ...]) -> str:
    """Return CPUs as the kernel lists them, such as ``0-3,8``; ``none`` for none."""
    spans: list[list[int]] = []
    for cpu in cpus:
        if spans and cpu == spans[-1][1] + 1:
            spans[-1][1] = cpu
        else:
            spans.append([cpu, cpu])
    parts = [str(low) if low == high else f"{low}-{high}" for low, high in spans]
    return ",".join(parts) or "none"

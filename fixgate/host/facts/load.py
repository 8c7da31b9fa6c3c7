"""How busy the machine is: what was stolen from it, and who waits for what."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.facts.numbers import natural

__all__ = ["Pressure", "pressure", "steal_ticks"]


@dataclass(frozen=True, slots=True)
class Pressure:
    """How long somebody waited for something (CPU, memory, I/O).

    Attributes:
        recent_percent: Of the last ten seconds.
        total_us: Since the machine started, microseconds.
    """

    recent_percent: float
    total_us: int


def pressure(text: str | None) -> Pressure | None:
    """Return the line ``some`` of a file in /proc/pressure; ``None`` where there is none.

    Spec: Linux accounting/psi.
    """
    for line in (text or "").splitlines():
        kind, *fields = line.split() or [""]
        if kind != "some":
            continue
        values = dict(field.partition("=")[::2] for field in fields)
        whole, dot, part = values.get("avg10", "").partition(".")
        percent = natural(whole + part) if dot else None
        total_us = natural(values.get("total", ""))
        if percent is not None and total_us is not None:
            return Pressure(percent / 10 ** len(part), total_us)
    return None


def steal_ticks(stat: str | None) -> int | None:
    """Return for how many ticks (1/100 s) the hypervisor ran others, all CPUs together.

    Spec: proc_stat(5), the line ``cpu``, its 8th number.
    """
    for line in (stat or "").splitlines():
        fields = line.split()
        if fields[:1] == ["cpu"]:
            return natural(fields[8]) if len(fields) > 8 else None
    return None

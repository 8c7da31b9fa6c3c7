"""What ``chronyc -c tracking`` prints."""

from __future__ import annotations

from fixgate.host.facts.numbers import natural
from fixgate.host.model import Chrony

__all__ = ["tracking"]


def tracking(text: str | None) -> Chrony | None:
    """Return what chrony says of the clock; ``None`` where that is nothing.

    Spec: chronyc(1), "tracking", and ``-c``: 14 fields separated by commas.
    """
    fields = (text or "").strip().split(",")
    if len(fields) != 14:
        return None
    stratum = natural(fields[2])
    times = [_nanoseconds(fields[at]) for at in (4, 10, 11)]
    if stratum is None or None in times:
        return None
    offset_ns, delay_ns, dispersion_ns = (time or 0 for time in times)
    # 7F7F0101 is the local clock, 00000000 nothing.
    reference = "" if fields[0] == "00000000" else fields[1]
    return Chrony(reference, stratum, offset_ns, delay_ns, dispersion_ns, fields[13])


def _nanoseconds(text: str) -> int | None:
    whole, dot, part = text.lstrip("+-").partition(".")
    if not dot or natural(whole) is None or natural(part) is None:
        return None
    amount = int(whole) * 1_000_000_000 + int(part[:9].ljust(9, "0"))
    return -amount if text.startswith("-") else amount

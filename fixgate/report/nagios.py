"""The report as one line for Nagios, Icinga and their kin.

Follows the Monitoring Plugins Development Guidelines: status word, text, ``|``, performance
data; exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.health.model import FleetReport
from fixgate.report.text import printable, shorten
from fixgate.report.verdict import (
    Tally,
    Verdict,
    is_good,
    percentile,
    primary,
    tally,
    verdict_of,
)

__all__ = ["nagios_exit_code", "render_nagios", "render_nagios_unknown"]

_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_NAMED_AT_MOST = 10
_NAME_LENGTH = 64
_PERFDATA_BYTES = 6_000
"""Nagios Core reads 8 KiB of a plugin's output; older agents cut at 4 KiB of text."""


def nagios_exit_code(fleet: FleetReport) -> int:
    """Return 2 when a check failed, 3 when one could not be determined, 1 for warnings, else 0."""
    bad = [verdict_of(c) for c in fleet.checks if not is_good(c)]
    if any(v is not Verdict.UNKNOWN for v in bad):
        return 2
    if bad:
        return 3
    return 1 if tally(fleet).warned else 0


def render_nagios(fleet: FleetReport) -> str:
    """Return the line, without its end."""
    code = nagios_exit_code(fleet)
    perfdata = " ".join(_perfdata(fleet, tally(fleet)))
    return f"{_WORDS[code]} - {_text(fleet, tally(fleet))} | {perfdata}"


def render_nagios_unknown(reason: str) -> str:
    """Return the line for a run that could not take place, such as a mistake in a file."""
    return f"{_WORDS[3]} - {shorten(_plain(reason), 1000, mark='...')}"


def _text(fleet: FleetReport, counted: Tally) -> str:
    bad = [c for c in fleet.checks if not is_good(c)]
    if not bad:
        warned = f", {counted.warned} with warnings" if counted.warned else ""
        sick = f", {counted.sick_as_expected} sick as expected" if counted.sick_as_expected else ""
        closed = f", {counted.closed} closed" if counted.closed else ""
        return f"{counted.go} of {counted.total} sessions GO{warned}{sick}{closed}"
    word = "NO-GO" if any(verdict_of(c) is Verdict.NO_GO for c in bad) else "UNKNOWN"
    if any(verdict_of(c) is Verdict.GO for c in bad):
        word = "not as expected"
    names = []
    for check in bad[:_NAMED_AT_MOST]:
        finding = primary(check)
        cause = f" ({finding.cause})" if finding else ""
        names.append(_plain(shorten(check.plan.name, _NAME_LENGTH, mark="...")) + cause)
    if len(bad) > _NAMED_AT_MOST:
        names.append(f"and {len(bad) - _NAMED_AT_MOST} more")
    return f"{len(bad)} of {counted.total} sessions {word}: {', '.join(names)}"


def _perfdata(fleet: FleetReport, counted: Tally) -> Iterator[str]:
    yield f"go={counted.go};;;0;{counted.total}"
    yield f"no_go={counted.no_go};;;0;{counted.total}"
    yield f"unknown={counted.unknown};;;0;{counted.total}"
    if counted.closed:
        yield f"closed={counted.closed};;;0;{counted.total}"
    yield f"warnings={counted.warned};;;0;{counted.total}"
    yield f"time={fleet.duration_ns / 1e9:.3f}s;;;0"
    left = _PERFDATA_BYTES
    for check in fleet.checks:
        if not check.round_trips_ns:
            continue
        label = _plain(check.plan.name).replace("=", "_").replace("'", "_")
        median_us = percentile(check.round_trips_ns, 50) / 1000
        item = f"'{shorten(label, _NAME_LENGTH, mark='...')} rtt'={median_us:.0f}us;;;0"
        left -= len(item) + 1
        if left < 0:
            return
        yield item


def _plain(text: str) -> str:
    """Return ``text`` in printable ASCII without the separator of performance data."""
    return printable(text, ascii_only=True).replace("|", "/")

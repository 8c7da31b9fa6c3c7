"""The report as JUnit XML, for continuous integration servers."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from fixgate.health.model import CheckReport, FleetReport, Severity
from fixgate.report.persistence import verdict_in
from fixgate.report.text import format_duration, format_instant, format_time_of_day, printable
from fixgate.report.verdict import Verdict, grouped, is_good, note_of, primary, verdict_of

__all__ = ["render_junit"]

_DEFAULT_GROUP = "sessions"


def render_junit(fleet: FleetReport) -> str:
    """Return the report as JUnit XML: one suite a group, one case a session.

    A session that a rehearsal found sick as expected is a passed case; one that could not be
    determined is an error, one that is closed is skipped. Characters that XML cannot hold are
    written as escapes.
    """
    root = ET.Element("testsuites", {"name": "fixgate check", **_counts(fleet.checks)})
    root.set("time", _seconds(fleet.duration_ns))
    root.set("timestamp", format_instant(fleet.started_ns, digits=3))
    for group, checks in grouped(fleet.checks):
        suite = ET.SubElement(root, "testsuite", {"name": _xml(group or _DEFAULT_GROUP)})
        for name, value in _counts(checks).items():
            suite.set(name, value)
        suite.set("hostname", _xml(fleet.host))
        suite.set("time", _seconds(max(c.duration_ns for c in checks)))
        suite.set("timestamp", format_instant(fleet.started_ns, digits=3))
        for check in checks:
            _case(suite, group or _DEFAULT_GROUP, check)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _counts(checks: tuple[CheckReport, ...] | list[CheckReport]) -> dict[str, str]:
    bad = [verdict_of(c) for c in checks if not is_good(c)]
    errors = bad.count(Verdict.UNKNOWN)
    return {
        "tests": str(len(checks)),
        "failures": str(len(bad) - errors),
        "errors": str(errors),
        "skipped": str(sum(1 for c in checks if c.closure is not None)),
    }


def _case(suite: ET.Element, group: str, check: CheckReport) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _xml(group),
            "name": _xml(check.plan.name),
            "time": _seconds(check.duration_ns),
        },
    )
    finding = primary(check)
    if check.closure is not None:
        ET.SubElement(case, "skipped").set("message", _xml(check.closure.text))
    if not is_good(check):
        kind = "error" if verdict_of(check) is Verdict.UNKNOWN else "failure"
        failure = ET.SubElement(case, kind)
        failure.set("type", finding.cause if finding else "not-as-expected")
        failure.set("message", _xml(finding.summary if finding else note_of(check)))
        failure.text = "\n".join(_explanation(check))
    output = ET.SubElement(case, "system-out")
    output.text = "\n".join(_phases(check))


def _explanation(check: CheckReport) -> Iterator[str]:
    if note := note_of(check):
        yield _xml(note)
    for finding in check.findings:
        yield _xml(f"{finding.severity.value}: {finding.cause} ({finding.layer.value})")
        yield _xml(f"what: {finding.summary}")
        yield _xml(f"next step: {finding.next_step}")
        for record in finding.evidence:
            yield _xml(f"{format_time_of_day(record.at_ns)} {record.glyph} {record.text}")


def _phases(check: CheckReport) -> Iterator[str]:
    yield _xml(f"{verdict_of(check).value} {check.plan.session.id} at {check.plan.address}")
    if check.plan.source:
        yield _xml(check.plan.source)
    for result in check.phases:
        took = format_duration(result.duration_ns)
        verdict = verdict_in(result)
        said = f": {verdict}" if verdict else ""
        yield _xml(f"{result.phase.value}: {result.status.value}, {took}{said}")
    for finding in check.findings:
        if finding.severity is Severity.WARNING or is_good(check):
            yield _xml(f"{finding.severity.value}: {finding.summary}")


def _seconds(duration_ns: int) -> str:
    return f"{duration_ns / 1_000_000_000:.6f}"


def _xml(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 cannot hold."""
    return printable(text)

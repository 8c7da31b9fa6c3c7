"""Runs as JUnit XML, for continuous integration servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from fixgate.report.runs.account import Account, Report, Trouble
from fixgate.report.runs.timeline import Entry, format_offset
from fixgate.report.text import format_instant, printable
from fixgate.scenario.verdict import Result

__all__ = ["render_junit"]

_NO_FOLDER = "scenarios"
_UNTESTED = "not testable"


def render_junit(report: Report, untested: Sequence[tuple[str, str]] = ()) -> str:
    """Return the report as JUnit XML: one suite a folder, one case a run.

    FAIL is a failure, INCONCLUSIVE an error, SKIPPED skipped; deviations, which stop nothing, are
    in ``system-out``. Times are the scenarios' own. Characters that XML cannot hold are written
    as escapes.

    Args:
        report: What was found.
        untested: What nobody could play, and why: skipped cases of a suite of their own.
    """
    facts = report.facts
    root = ET.Element("testsuites", {"name": "fixgate run", **_counts(report.accounts)})
    root.set("time", _seconds(facts.duration_ns))
    root.set("timestamp", format_instant(facts.began_ns, digits=3))
    for folder, members in _by_folder(report):
        accounts = [account for _, account in members]
        suite = ET.SubElement(root, "testsuite", {"name": folder, **_counts(accounts)})
        suite.set("time", _seconds(sum(account.took_ns for account in accounts)))
        suite.set("timestamp", format_instant(facts.began_ns, digits=3))
        _properties(suite, report)
        for name, account in members:
            _case(suite, folder, name, account)
    if untested:
        _untested(root, untested)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _untested(root: ET.Element, untested: Sequence[tuple[str, str]]) -> None:
    count = str(len(untested))
    suite = ET.SubElement(
        root, "testsuite",
        {"name": _UNTESTED, "tests": count, "failures": "0", "errors": "0", "skipped": count},
    )  # fmt: skip
    for name, why in untested:
        case = ET.SubElement(suite, "testcase", {"classname": _UNTESTED, "name": name})
        ET.SubElement(case, "skipped").set("message", why)
    for total in ("tests", "skipped"):
        root.set(total, str(int(root.get(total, "0")) + len(untested)))


def _by_folder(report: Report) -> list[tuple[str, list[tuple[str, Account]]]]:
    folders: dict[str, list[tuple[str, Account]]] = {}
    for name, account in zip(report.names, report.accounts, strict=True):
        folders.setdefault(account.folder or _NO_FOLDER, []).append((name, account))
    return list(folders.items())


def _counts(accounts: Sequence[Account]) -> dict[str, str]:
    results = [account.result for account in accounts]
    return {
        "tests": str(len(results)),
        "failures": str(results.count(Result.FAIL)),
        "errors": str(results.count(Result.INCONCLUSIVE)),
        "skipped": str(results.count(Result.SKIPPED)),
    }


def _properties(suite: ET.Element, report: Report) -> None:
    facts = report.facts
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("fixgate", facts.version),
        ("world", facts.world),
        ("address", facts.address),
        ("seed", str(facts.seed)),
    ):
        if value:
            ET.SubElement(properties, "property", {"name": name, "value": printable(value)})


def _case(suite: ET.Element, folder: str, name: str, account: Account) -> None:
    attributes = {"classname": folder, "name": name, "time": _seconds(account.took_ns)}
    if account.path:
        attributes["file"] = account.path
    case = ET.SubElement(suite, "testcase", attributes)
    if account.result is Result.SKIPPED:
        ET.SubElement(case, "skipped").set("message", account.why)
    elif account.result is not Result.PASS:
        kind = "failure" if account.result is Result.FAIL else "error"
        wrong = ET.SubElement(case, kind)
        wrong.set("type", account.result.value)
        wrong.set("message", account.reason)
        wrong.text = "\n".join(_explanation(account))
    ET.SubElement(case, "system-out").text = "\n".join(_output(account))


def _explanation(account: Account) -> Iterator[str]:
    for trouble in account.findings:
        yield from _told(account, trouble)
    for text in account.reaction:
        yield f"correct is: {text}"
    yield f"repeat: {account.repeat}"


def _told(account: Account, trouble: Trouble) -> Iterator[str]:
    step = f", step {trouble.step}" if trouble.step else ""
    yield f"{trouble.where}{step}: {trouble.text}"
    yield ", ".join(filter(None, (trouble.requirement, account.spec)))
    for allowed in trouble.allowed or (trouble.wanted,):
        yield f"wanted: {allowed}"
    for came in trouble.detail or (trouble.came,):
        yield f"came: {came}"
    yield from map(_line, trouble.evidence)


def _line(entry: Entry) -> str:
    mark = "*" if entry.decisive else " "
    flaw = f"garbled: {entry.flaw}" if entry.flaw else ""
    parts = (format_offset(entry.at_ns), entry.glyph, entry.actor, entry.title, flaw, entry.text)
    return f"{mark} {' '.join(filter(None, parts))}"


def _output(account: Account) -> Iterator[str]:
    yield f"{account.result.value} {account.title}"
    yield f"under test: {account.under_test}, {account.world} world, seed {account.seed}"
    for step in account.steps:
        if step.outcome != "ok":
            why = f": {step.why}" if step.why else ""
            yield f"line {step.line}: {step.outcome}: {step.text}{why}"
    for trouble in account.deviations:
        yield f"deviation at {trouble.where}: wanted {trouble.wanted}; came {trouble.came}"
    if (more := account.deviation_count - len(account.deviations)) > 0:
        yield f"and {more} more deviations"


def _seconds(duration_ns: int) -> str:
    return f"{duration_ns / 1_000_000_000:.6f}"

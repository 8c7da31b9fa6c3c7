"""Words for an account that terminal, HTML and JSON have in common."""

from __future__ import annotations

from fixgate.host.account import Account
from fixgate.host.comparison import Comparison, Growth
from fixgate.host.judge import tally_of
from fixgate.host.judging.topic import Grade, Line
from fixgate.report.text import format_duration, format_instant, printable

__all__ = [
    "exit_code",
    "growth_text",
    "heading_of",
    "label_of",
    "since_text",
    "watched_text",
    "when",
]

_NOUNS = {
    Grade.BAD: "bad",
    Grade.BETTER: "could be better",
    Grade.GOOD: "good",
    Grade.UNKNOWN: "not known",
}


def exit_code(account: Account) -> int:
    """Return 1 where something is bad, else 0."""
    return 1 if account.graded(Grade.BAD) else 0


def heading_of(account: Account) -> tuple[tuple[Grade, str], ...]:
    """Return how many lines are bad, could be better, are good, are not known; none left out."""
    counted = tally_of(account.lines)
    return tuple((grade, f"{counted[grade]} {noun}") for grade, noun in _NOUNS.items())


def label_of(line: Line, *, ascii_only: bool = False) -> str:
    """Return what a line is about, with its interface where there may be several."""
    return printable(f"{line.subject} {line.label}".strip(), ascii_only=ascii_only)


def watched_text(account: Account) -> str:
    """Return how long the machine was watched, for people; empty when it was not."""
    if account.activity is None:
        return ""
    return f"watched for {format_duration(account.activity.window.duration_ns)}"


def when(at_ns: int) -> str:
    """Return an instant to the second, as the boards show it."""
    return format_instant(at_ns, digits=0).replace("T", " ").replace("Z", " UTC")


def since_text(found: Comparison) -> str:
    """Return what is compared, in one line."""
    before, after = found.before, found.after
    if not found.same_host:
        return f"{before.host} ({when(before.taken_ns)}) beside {after.host}: two machines"
    text = f"since {when(before.taken_ns)}"
    return f"{text}; restarted in between, so that counts began anew" if found.restarted else text


def growth_text(growth: Growth) -> str:
    """Return how a count changed."""
    if growth.went_back:
        return (
            f"{growth.before} then, {growth.after} now: another network namespace or control "
            "group, or a driver that was reset"
        )
    return f"{growth.grown} more ({growth.after} in all)"

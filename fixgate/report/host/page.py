"""What HTML shows of a host, as plain text values: the template only places them."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.account import Account
from fixgate.host.comparison import Comparison
from fixgate.host.judge import tally_of
from fixgate.host.judging.topic import Grade, Group, Line
from fixgate.report.host.wording import (
    growth_text,
    heading_of,
    label_of,
    since_text,
    watched_text,
    when,
)
from fixgate.report.text import printable
from fixgate.report.tile import Tile

__all__ = ["AccountView", "Page", "account_view", "page_of"]

_TONES = {
    Grade.GOOD: "go",
    Grade.BETTER: "warn",
    Grade.BAD: "no-go",
    Grade.UNKNOWN: "unknown",
    Grade.NOTED: "closed",
}
_WORDS = {Grade.BETTER: "better"}


@dataclass(frozen=True, slots=True)
class RowView:
    """One fact; ``good`` and ``how`` are empty where there is nothing to do."""

    tone: str
    word: str
    label: str
    found: str
    good: str
    how: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """The facts under one heading."""

    name: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """A host's account: a section of any report; ``host-section.html.j2`` places it.

    Attributes:
        counts: In one line, such as ``1 bad, 3 could be better, 20 good, 4 not known``.
        tone: ``no-go`` where something is bad, ``warn`` where something could be better, or ``go``.
        about: When it was taken, and how long it was watched.
        groups: Every fact.
        unread: What could not be read, and why.
    """

    counts: str
    tone: str
    about: str
    groups: tuple[GroupView, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """What is different: label, then and now; label and growth."""

    since: str
    changed: tuple[tuple[str, str, str], ...]
    counted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report of `fixgate host`."""

    title: str
    tone: str
    host: str
    version: str
    taken: str
    tiles: tuple[Tile, ...]
    account: AccountView
    difference: DifferenceView | None


def account_view(account: Account) -> AccountView:
    """Turn an account into the values of its section."""
    counted = tally_of(account.lines)
    tone = "no-go" if counted[Grade.BAD] else "warn" if counted[Grade.BETTER] else "go"
    snapshot = account.snapshot
    return AccountView(
        counts=", ".join(text for _, text in heading_of(account)),
        tone=tone,
        about=", ".join(filter(None, (when(snapshot.taken_ns), watched_text(account)))),
        groups=tuple(
            GroupView(
                group.value, tuple(_row(line) for line in account.lines if line.group is group)
            )
            for group in Group
        ),
        unread=tuple(printable(f"{path}: {reason}") for path, reason in snapshot.unread),
    )


def page_of(account: Account, comparison: Comparison | None) -> Page:
    """Turn an account into the values of its page."""
    counted, view = tally_of(account.lines), account_view(account)
    bad, better = counted[Grade.BAD], counted[Grade.BETTER]
    title = f"{bad} bad" if bad else f"{better} could be better" if better else "All is good"
    snapshot = account.snapshot
    return Page(
        title=title,
        tone="go" if view.tone == "warn" else view.tone,
        host=printable(snapshot.host),
        version=printable(snapshot.fixgate_version),
        taken=view.about,
        tiles=tuple(Tile(counted[grade], grade.value, _TONES[grade]) for grade in Grade),
        account=view,
        difference=None if comparison is None else _difference(comparison),
    )


def _row(line: Line) -> RowView:
    advised = line.grade in (Grade.BETTER, Grade.BAD)
    return RowView(
        _TONES[line.grade],
        _WORDS.get(line.grade, line.grade.value),
        label_of(line),
        printable(line.found),
        line.good if advised else "",
        printable(line.how) if advised else "",
    )


def _difference(found: Comparison) -> DifferenceView:
    return DifferenceView(
        since=printable(since_text(found)),
        changed=tuple(
            (
                label_of(change.either),
                printable(change.before.found) if change.before else "not looked at",
                printable(change.after.found) if change.after else "not looked at",
            )
            for change in found.changed
        ),
        counted=tuple((printable(g.label), growth_text(g)) for g in found.counted),
    )

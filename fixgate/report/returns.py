"""The returns of an engine's sessions, as text for people and as JSON for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from fixgate.health.causes import CAUSES
from fixgate.health.model import Severity
from fixgate.health.persistence.flaw import Flaw, size_of
from fixgate.health.persistence.story import story_of
from fixgate.health.persistence.verdict import Verdict, missed_words, verdicts_of
from fixgate.net.sides import Side
from fixgate.report.enginelog import EngineLog
from fixgate.report.text import format_instant, printable
from fixgate.wire.mask import mask

__all__ = [
    "SCHEMA_VERSION",
    "SessionReturns",
    "bare_returns",
    "numbers_flaws",
    "returns_json",
    "returns_of",
    "returns_text",
]

SCHEMA_VERSION = 1
"""Of the objects that `returns_json` returns."""

_WIDTH = 100
_UNKNOWN_STORE = "nothing of what it received is kept, and no log is beside it"


@dataclass(frozen=True, slots=True)
class SessionReturns:
    """What is to be said of one session.

    Attributes:
        name: Of the session.
        verdicts: One for each return in its log.
        flaws: What the numbers of its store, held against an earlier copy, show.
        log: Where the verdicts are from, ``None`` where there is no log.
    """

    name: str
    verdicts: tuple[Verdict, ...]
    flaws: tuple[Flaw, ...] = ()
    log: EngineLog | None = None

    @property
    def failed(self) -> bool:
        """Whether anything is proven to be wrong."""
        return any(_fails(f) for f in self._all_flaws)

    @property
    def told(self) -> bool:
        """Whether there was anything to judge, and it could be judged."""
        judged = bool(self.verdicts) or (self.log is None and bool(self.flaws))
        return judged and not any(f.cause == "persistence-untold" for f in self._all_flaws)

    @property
    def _all_flaws(self) -> tuple[Flaw, ...]:
        return (*self.flaws, *(f for v in self.verdicts for f in v.flaws))

    @property
    def word(self) -> str:
        """The verdict on all of it."""
        if self.failed:
            return "NOT whole"
        return "whole" if self.told else "cannot be told"


def _fails(flaw: Flaw) -> bool:
    mild = CAUSES[flaw.cause].severity is Severity.WARNING
    return not mild and flaw.cause != "persistence-untold"


def returns_of(log: EngineLog, before: Side | None = None) -> SessionReturns:
    """Judge the returns of one session.

    Args:
        log: Its history.
        before: An earlier copy of its store, ``None`` where there is none.
    """
    verdicts = tuple(verdicts_of(story_of(log.records)))
    flaws = () if before is None or log.side is None else numbers_flaws(before, log.side)
    return SessionReturns(log.name, verdicts, tuple(flaws), log)


def bare_returns(side: Side, before: Side | None) -> SessionReturns:
    """Judge a store without a log: by its numbers, and by nothing where there is no earlier copy.

    Args:
        side: The store.
        before: An earlier copy.
    """
    flaws = [] if before is None else numbers_flaws(before, side)
    text = f"{side.path}: {_UNKNOWN_STORE}: what was missed, and whether it came, cannot be told."
    flaws.append(Flaw("persistence-untold", "cannot be told", text, 0))
    return SessionReturns(printable(side.name), (), tuple(flaws))


def numbers_flaws(before: Side, after: Side) -> list[Flaw]:
    """Hold the numbers of a store against those of an earlier copy."""
    flaws = []
    for name, then, now in (
        ("MsgSeqNum(34) that it sends next", before.next_out, after.next_out),
        ("MsgSeqNum(34) that it expects next", before.next_in, after.next_in),
    ):
        if then is not None and now is not None and now < then:
            text = f"Of the engine's store the {name} is {now}, expected at least {then} as before."
            word = f"our store rolled back by {then - now}" if now > 1 else "our store restarted"
            flaws.append(Flaw("own-numbers-lost", word, text, 0))
    return flaws


# Text.


def returns_text(session: SessionReturns) -> str:
    """Return the verdict on one session, and on each of its returns."""
    lines = [f"{session.word} {session.name}: {_count(session)}"]
    for flaw in session.flaws:
        lines += _flaw_lines(flaw, session.log)
    for index, verdict in enumerate(session.verdicts, 1):
        lines += _verdict_lines(index, verdict, session.log)
    return "".join(f"{line}\n" for line in lines)


def _count(session: SessionReturns) -> str:
    count = len(session.verdicts)
    if session.log is None:
        return "no log of messages"
    return "no return in its log" if not count else f"{count} return{'s' * (count != 1)}"


def _verdict_lines(index: int, verdict: Verdict, log: EngineLog | None) -> Iterator[str]:
    logon = verdict.back.our_logon
    at = f" {format_instant(logon.at_ns, digits=3)}" if logon is not None else ""
    yield from _wrap(f"  return {index}{at}: {printable(verdict.word)}", 4)
    yield from _wrap(f"    {_numbers(verdict)}", 6)
    missed = missed_words(verdict)
    if missed:
        yield from _wrap(f"    missed: {missed}", 6)
    for flaw in verdict.flaws:
        yield from _flaw_lines(flaw, log)


def _numbers(verdict: Verdict) -> str:
    back = verdict.back
    ours, theirs = back.our_logon, back.connection.their_logon
    own = "nothing" if ours is None else ours.number
    their = "nothing" if theirs is None else theirs.number
    return (
        f"ours: next {back.next_out}, came back with {own}; "
        f"theirs: expected {back.next_in}, came back with {their}"
    )


def _flaw_lines(flaw: Flaw, log: EngineLog | None) -> Iterator[str]:
    cause = CAUSES[flaw.cause]
    yield f"    {flaw.cause} ({cause.layer.value}, {cause.severity.value})"
    yield from _wrap(f"      {printable(flaw.text)}", 6)
    yield from _wrap(f"      next step: {cause.next_step}", 6)
    record = _record(flaw, log)
    if record is not None:
        yield f"      {record}"  # in one line, for whoever copies it


def _record(flaw: Flaw, log: EngineLog | None) -> str | None:
    if log is None or flaw.index >= len(log.records):
        return None
    record = log.records[flaw.index]
    if not isinstance(record.what, bytes):
        return None
    at = format_instant(record.at_ns, digits=3)
    return f"{at} {record.glyph} {printable(mask(record.what))}"


def _wrap(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text.strip(), _WIDTH, initial_indent=" " * (len(text) - len(text.lstrip())),
        subsequent_indent=" " * indent, break_on_hyphens=False,
    )  # fmt: skip


# JSON.


def returns_json(session: SessionReturns) -> dict[str, object]:
    """Return one session as plain values for JSON; docs/persistence.md lists the keys."""
    return {
        "schema_version": SCHEMA_VERSION,
        "session": session.name,
        "verdict": session.word,
        "findings": [_flaw_json(f) for f in session.flaws],
        "returns": [_verdict_json(v) for v in session.verdicts],
    }


def _verdict_json(verdict: Verdict) -> dict[str, object]:
    back = verdict.back
    ours, theirs = back.our_logon, back.connection.their_logon
    missed = back.missed
    return {
        "at_ns": None if ours is None else ours.at_ns,
        "verdict": printable(verdict.word),
        "next_out": back.next_out,
        "next_in": back.next_in,
        "our_logon": None if ours is None else ours.number,
        "their_logon": None if theirs is None else theirs.number,
        "missed": [missed.start, missed.stop - 1] if missed else None,
        "resent": len(verdict.replay.again),
        "gap_filled": size_of(verdict.replay.passed_over(missed)),
        "findings": [_flaw_json(f) for f in verdict.flaws],
    }


def _flaw_json(flaw: Flaw) -> dict[str, object]:
    cause = CAUSES[flaw.cause]
    return {
        "cause": flaw.cause,
        "layer": cause.layer.value,
        "severity": cause.severity.value,
        "summary": printable(flaw.text),
        "next_step": cause.next_step,
    }

"""A run in a file, one record a line, and the same verdict from it.

The first line says what was played: the scenario's id and the hash of what it says, the seed, how
patient the player was. Each further line is a record: nanoseconds, glyph, kind, and what it holds.
Messages are text with ``|`` for SOH; what is not plainly text is base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import TextIO

from fixgate.errors import ArchiveError
from fixgate.history import History, Record
from fixgate.scenario import records
from fixgate.scenario.model import Scenario
from fixgate.scenario.player import Player
from fixgate.scenario.records import Ended, Outcome, StepBegan, StepEnded
from fixgate.scenario.verdict import Verdict
from fixgate.scenario.vocabulary import Vocabulary

__all__ = ["FORMAT", "Archived", "digest", "judge_again", "read_run", "write_run"]

FORMAT = "fixgate-run-1"

_KINDS = {
    name: getattr(records, name) for name in records.__all__ if name not in ("News", "Outcome")
}
_PATH = re.compile(r"""path=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")  # of a `Place`, by ``repr``
_OURS = (StepBegan, StepEnded, Ended)


@dataclass(frozen=True, slots=True)
class Archived:
    """A run that was read from a file.

    Attributes:
        scenario_id: Which scenario was played.
        digest: Of what it said then; see `digest`.
        seed: Of its dice.
        patience_ns: The player's.
        world: ``virtual`` or ``live``.
        history: Everything that happened.
    """

    scenario_id: str
    digest: str
    seed: int
    patience_ns: int
    world: str
    history: tuple[Record, ...]


def digest(scenario: Scenario) -> str:
    """Return a hash of everything that a verdict depends on, 16 hexadecimal digits.

    Where the files lie is not part of it: a run can be judged on another machine.
    """
    said = (
        scenario.requirement.value, sorted(scenario.ignore), scenario.leftovers,
        scenario.limit_ns, _PATH.sub("", repr(scenario.steps)),
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def write_run(
    file: TextIO,
    scenario: Scenario,
    history: Iterable[Record],
    *,
    seed: int,
    patience_ns: int,
    world: str,
) -> None:
    """Write a run: `read_run` reads it."""
    head = {
        "format": FORMAT, "scenario": scenario.id, "digest": digest(scenario), "seed": seed,
        "patience_ns": patience_ns, "world": world,
    }  # fmt: skip
    file.write(f"{json.dumps(head)}\n")
    for record in history:
        file.write(f"{_line(record)}\n")


def _line(record: Record) -> str:
    what = record.what
    held = {each.name: _plain(getattr(what, each.name)) for each in fields(what)}  # type: ignore[arg-type]  # every kind of record is a dataclass
    return json.dumps([record.at_ns, record.glyph, type(what).__name__, held])


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if not isinstance(value, bytes):
        return value
    text = value.replace(b"\x01", b"|")
    if b"|" not in value and text.isascii() and text.decode("ascii").isprintable():
        return text.decode("ascii")
    return {"base64": base64.b64encode(value).decode("ascii")}


def read_run(lines: Iterable[str], path: str) -> Archived:
    """Read what `write_run` has written.

    Args:
        lines: The file.
        path: Its name, for errors.

    Raises:
        ArchiveError: It is no such file, or damaged; with the line.
    """
    numbered = enumerate(lines, start=1)
    try:
        number, first = next(numbered)
    except StopIteration:
        raise ArchiveError(path, 1, "is empty, expected a run") from None
    head = _json(path, number, first)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ArchiveError(path, 1, f"is no run of this version, expected format {FORMAT!r}")
    try:
        return Archived(
            str(head["scenario"]), str(head["digest"]), int(head["seed"]),
            int(head["patience_ns"]), str(head["world"]), tuple(_records(path, numbered)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError(path, 1, f"its first line lacks {error}") from error


def _records(path: str, numbered: Iterator[tuple[int, str]]) -> Iterator[Record]:
    before_ns = 0
    for number, line in numbered:
        read = _json(path, number, line)
        if not isinstance(read, list) or len(read) != 4 or not isinstance(read[3], dict):
            raise ArchiveError(path, number, "is no record: expected [instant, glyph, kind, {...}]")
        at_ns, glyph, kind, held = read
        try:
            what = _KINDS[kind](**{name: _value(name, value) for name, value in held.items()})
        except (KeyError, TypeError, ValueError) as error:
            raise ArchiveError(path, number, f"is no record: {error}") from error
        if not isinstance(at_ns, int) or at_ns < before_ns:
            raise ArchiveError(path, number, "is older than the line before")
        before_ns = at_ns
        yield Record(at_ns, str(glyph), what)


def _json(path: str, number: int, line: str) -> object:
    try:
        read: object = json.loads(line)
    except ValueError as error:
        raise ArchiveError(path, number, f"is not JSON: {error}") from error
    return read


def _value(name: str, value: object) -> object:
    if name == "outcome":
        return Outcome(value)
    if isinstance(value, dict):
        return base64.b64decode(str(value["base64"]), validate=True)
    if name == "data" and isinstance(value, str):
        return value.replace("|", "\x01").encode("ascii")
    return value


def judge_again(
    scenario: Scenario,
    history: Iterable[Record],
    vocabulary: Vocabulary,
    *,
    patience_ns: int = 0,
) -> tuple[Verdict | None, History]:
    """Judge a recorded run anew; nothing is played.

    Args:
        scenario: What was played.
        history: What was recorded.
        vocabulary: Of its version.
        patience_ns: The player's.

    Returns:
        The verdict, ``None`` when the history ends before the scenario, and the history as it is
        written now: the same, unless rules have changed.
    """
    again = History()
    player = Player(scenario, again, vocabulary, patience_ns=patience_ns)
    begun = False
    for record in history:
        if not begun:
            player.begin(record.at_ns)
            begun = True
        player.take()
        if isinstance(record.what, _OURS):
            player.wake(record.at_ns)
        else:
            player.observe(record.at_ns, record.glyph, record.what)  # type: ignore[arg-type]  # all that is not the player's own is news
    return player.verdict, again

"""Samples out of FIX logs.

The clock is that of the machine that wrote the log, told in front of each message; so the log has
to be of one end. SendingTime(52) is no such clock: a request has it from the client's machine, its
reply from the venue's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fixgate.errors import RecordingError
from fixgate.latency.conversation import Conversation, Stamp
from fixgate.latency.gathering import Gathering
from fixgate.latency.log_lines import LogLine, LogLines
from fixgate.latency.recording import Recording
from fixgate.latency.remarks import counted
from fixgate.latency.sides import Evidence
from fixgate.triage.model import StampSource
from fixgate.wire.tags import Tag

__all__ = ["record_logs"]

_SECOND_NS = 1_000_000_000
_REMEMBERED = 65_536
"""Messages in which a second copy is looked for."""
_TWO_CLOCKS = (
    "SendingTime(52) is of the client's clock in a request and of the venue's in its reply, and a"
    " difference of two clocks is no latency"
)


def record_logs(
    paths: Sequence[str | Path],
    *,
    client: str | None = None,
    by_sending_time: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Recording:
    """Measure what FIX sessions did by the logs of one end of them, of any engine.

    Args:
        paths: The files, plain or gzip, merged by time: there may be one for each direction, or
            rotated ones; ``-`` for standard input; folders of fixgate's own stores.
        client: SenderCompID(49) of the client, where the logs do not tell.
        by_sending_time: Both ends were on one clock, as on one machine, so that SendingTime(52)
            may stand in for times that the log does not have.
        stop: Asked before every message whether to leave it at what was read.

    Raises:
        RecordingError: A file cannot be read; the logs are of two ends; they have no times of
            their own, or SendingTime(52) proves to be of two clocks.
    """
    names = [str(path) for path in dict.fromkeys(paths)]
    reader = _Reader(client, ordered=len(names) == 1)
    lines = LogLines(names, reader.remarks, by_sending_time=by_sending_time)
    for line in lines:
        if stop():
            reader.remarks.add("stop", "reading was stopped; what had come until then counts")
            break
        reader.take(line)
    if lines.messages and lines.timeless == lines.messages:
        raise RecordingError(names[0], f"its messages have no time in front of them. {_TWO_CLOCKS}")
    recording = reader.finish(lines)
    early = [each for each in recording.samples if each.app_ns < 0]
    if by_sending_time and early:
        raise RecordingError(
            names[0],
            f"the reply to {early[0].name!r} has an earlier SendingTime(52) than its request:"
            f" {_TWO_CLOCKS}",
        )
    return recording


@dataclass(slots=True)
class _Talk:
    """A session of a log: what was said, who spoke first, and where it is written."""

    conversation: Conversation
    first: bytes
    places: dict[str, None] = field(default_factory=dict)


class _Reader:
    """Sorts the messages of logs by session."""

    def __init__(self, client: str | None, *, ordered: bool) -> None:
        self._ordered = ordered
        self._gathering = Gathering(StampSource.LOG, client)
        self.remarks = self._gathering.remarks
        self._talks: dict[tuple[bytes, frozenset[bytes]], _Talk] = {}
        self._seen: OrderedDict[int, tuple[str, int]] = OrderedDict()
        self._until_ns: int | None = None
        self._copies = self._nameless = 0

    def take(self, line: LogLine) -> None:
        """Take the next message.

        Raises:
            RecordingError: Another file has it, too.
        """
        self._until_ns = line.at_ns
        if self._is_copy(line):
            return
        message = line.message
        sender = message.get(Tag.SenderCompID)
        target = message.get(Tag.TargetCompID)
        if not sender or not target or (sender == target and not line.direction):
            self._nameless += 1
            return
        key = message.begin_string, frozenset((sender, target))
        talk = self._talks.get(key)
        if talk is None:
            evidence = Evidence(ordered=self._ordered)
            talk = self._talks[key] = _Talk(Conversation(StampSource.LOG, evidence), sender)
        talk.places[line.path] = None
        side = int(line.direction == "<") if sender == target else int(sender != talk.first)
        talk.conversation.take(side, message, Stamp(line.at_ns, epoch=line.epoch))

    def _is_copy(self, line: LogLine) -> bool:
        """Whether a logger wrote a message down twice."""
        name = hash(line.message.raw)
        path, number = self._seen.get(name, ("", 0))
        if not number:
            self._seen[name] = line.path, line.line
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return False
        if path != line.path:
            raise RecordingError(
                line.path,
                f"line {line.line} has the message of {path}, line {number}: the logs"
                " are of two ends, whose difference is of two clocks and no latency, or one is a"
                " copy of the other; expected those of one end",
            )
        self._copies += 1
        return True

    def finish(self, lines: LogLines) -> Recording:
        """Return what was read."""
        for talk in self._talks.values():
            talk.conversation.finish(self._until_ns)
            self._gathering.take(talk.conversation, talk.places)
        steps = counted(lines.steps, "time")
        for count, text in (
            (lines.timeless, f"{_messages(lines.timeless)} not used: no time that can be read"),
            (lines.garbled, f"{_messages(lines.garbled)} not sound, as by a masked password; used"),
            (self._copies, f"{_messages(self._copies)} in the log twice; the first of each counts"),
            (self._nameless, f"{_messages(self._nameless)} not used: nothing tells who sent them"),
            (lines.steps, f"the log's clock went back {steps}"),
            (not lines.dated, "the log's times have no date: they are of 1970"),
            (
                lines.precision_ns >= _SECOND_NS,
                "the log has whole seconds: it cannot tell what is faster",
            ),
            (not lines.messages, "there are no messages in the log"),
        ):
            if count:
                self.remarks.add(text, text)
        return self._gathering.recording(lines.precision_ns)


def _messages(count: int) -> str:
    return counted(count, "message")

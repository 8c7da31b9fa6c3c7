"""The messages of logs with their instants, merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixgate.errors import RecordingError
from fixgate.latency.remarks import Remarks
from fixgate.latency.stored import stored_messages
from fixgate.net.logfile import LogEntry, Unreadable, read_log
from fixgate.net.logtime import LogClock
from fixgate.net.unpacked import open_unpacked
from fixgate.sampling.questions import QUESTIONS
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["LogLine", "LogLines"]

_SECOND_NS = 1_000_000_000
_STEP_NS = _SECOND_NS
"""How far back time may go between two lines: threads do not write in the order of their times."""
_Read = tuple[int, Message, str, int]
_ASK = {each for row in QUESTIONS for each in row.requests} - {MsgType.Logon}


@dataclass(frozen=True, slots=True)
class LogLine:
    """A message of a log.

    Attributes:
        path: The file, as the user named it.
        line: 1-based; of a store, which message.
        message: It, whatever its BodyLength(9) and CheckSum(10) say: passwords are masked in logs.
        direction: ``<`` received, ``>`` sent, or empty where the log does not say.
        at_ns: When, by the log; nanoseconds since the epoch.
        epoch: How often the log's time had gone back by then.
    """

    path: str
    line: int
    message: Message
    direction: str
    at_ns: int
    epoch: int


class LogLines:
    """Reads logs, and counts what cannot be used of them.

    Args:
        paths: The files, plain or gzip; ``-`` for standard input; folders of fixgate's own stores.
        remarks: Where to say which lines hold no message but should, and why.
        by_sending_time: Take SendingTime(52) where a line has no time.

    Attributes:
        messages: How many there were.
        timeless: How many of them had no time.
        garbled: How many of them are not sound.
        steps: How often time went back.
    """

    def __init__(self, paths: Sequence[str], remarks: Remarks, *, by_sending_time: bool) -> None:
        self._paths = paths
        self._by_sending_time = by_sending_time
        self._clocks: list[LogClock] = []
        self._default_ns = _SECOND_NS
        self.messages = self.timeless = self.garbled = self.steps = 0
        self._remarks = remarks

    @property
    def precision_ns(self) -> int:
        """How fine the times of the coarsest log are."""
        return max(
            (each.precision_ns for each in self._clocks if each.used), default=self._default_ns
        )

    @property
    def dated(self) -> bool:
        """Whether every time has a date."""
        return all(each.dated for each in self._clocks)

    def __iter__(self) -> Iterator[LogLine]:
        """Yield the messages by their times; of the same instant what asks before what answers.

        Raises:
            RecordingError: A file cannot be read.
        """
        logs = [self._lines(path) for path in self._paths]
        return logs[0] if len(logs) == 1 else heapq.merge(*logs, key=_place)

    def _lines(self, path: str) -> Iterator[LogLine]:
        read = self._read_store if Path(path).is_dir() else self._read_log
        epoch, latest_ns = 0, 0
        for line, message, direction, at_ns in read(path):
            if at_ns < latest_ns - _STEP_NS:
                epoch += 1
                self.steps += 1
                latest_ns = at_ns
            latest_ns = max(latest_ns, at_ns)
            yield LogLine(path, line, message, direction, at_ns, epoch)

    def _read_log(self, path: str) -> Iterator[_Read]:
        clock = LogClock()
        self._clocks.append(clock)
        for entry in _entries(path):
            if isinstance(entry, Unreadable):
                text = f"{path}:{entry.line}: not used: {entry.reason}"
                self._remarks.add(f"lines of {path}", text)
                continue
            message = self._message(entry)
            at_ns = self._at_ns(entry, clock)
            if message is not None and at_ns is not None:
                yield entry.line, message, entry.direction, at_ns

    def _read_store(self, path: str) -> Iterator[_Read]:
        self._default_ns = 1
        for count, (direction, at_ns, raw) in enumerate(stored_messages(path, self._remarks), 1):
            self.messages += 1
            message = decode(raw)
            if isinstance(message, Message):
                yield count, message, direction, at_ns
            else:
                text = f"{path}: message {count} not used: {message.text}"
                self._remarks.add(f"messages of {path}", text)

    def _message(self, entry: LogEntry) -> Message | None:
        self.messages += 1
        self.garbled += bool(entry.flaw)
        tags, values = zip(*entry.fields, strict=True)
        return Message(entry.raw, tags, values) if tags[2:3] == (Tag.MsgType,) else None

    def _at_ns(self, entry: LogEntry, clock: LogClock) -> int | None:
        own = entry.stamped or self._by_sending_time
        at_ns = clock.read(entry.time) if own else None
        self.timeless += at_ns is None
        return at_ns


def _place(line: LogLine) -> tuple[int, bool]:
    return line.at_ns, line.message.msg_type not in _ASK


def _entries(path: str) -> Iterator[LogEntry | Unreadable]:
    try:
        with open_unpacked(path) as stream:
            yield from read_log(stream)
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror or error}") from error

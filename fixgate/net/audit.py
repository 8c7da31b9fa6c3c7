"""The audit trail of a store: who moved its sequence numbers by hand, when, and why.

One JSON object a line in a file of its own beside the segments; lines are only ever added.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
from dataclasses import asdict, dataclass
from zlib import crc32

from fixgate.errors import StoreError

__all__ = ["AUDIT_NAME", "AuditEntry", "Numbers", "append_audit", "read_audit", "whoami"]

AUDIT_NAME = "audit.jsonl"
_MAX_BYTES = 1 << 24
_SAFE = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where a store stands.

    Attributes:
        generation: 1 for the first; one more after each reset.
        next_out: MsgSeqNum(34) of our next message.
        next_in: MsgSeqNum(34) that we expect next.
    """

    generation: int
    next_out: int
    next_in: int

    def __str__(self) -> str:
        return f"generation {self.generation}, next out {self.next_out}, next in {self.next_in}"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change by hand.

    Attributes:
        at_ns: When, nanoseconds since the epoch, UTC.
        who: ``user@host``.
        pid: The process that did it.
        before: The numbers before.
        after: The numbers after; as before when the change could not be written.
        reason: Why, in the words of who did it.
    """

    at_ns: int
    who: str
    pid: int
    before: Numbers
    after: Numbers
    reason: str


def whoami() -> str:
    """Return the user and the machine, for an audit trail."""
    user = ""
    # Users without a name, as in containers: KeyError before Python 3.13, OSError since.
    with contextlib.suppress(KeyError, OSError):
        user = getpass.getuser()
    return f"{user or os.getuid()}@{socket.gethostname()}"


def append_audit(folder_fd: int, folder: str, entry: AuditEntry) -> None:
    """Add an entry, on disk when this returns.

    Args:
        folder_fd: The folder of the store, open.
        folder: Its path, for messages.
        entry: What to add.

    Raises:
        StoreError: It cannot be written.
    """
    path = os.path.join(folder, AUDIT_NAME)
    line = _line(entry)
    try:
        flags = _SAFE | os.O_RDWR | os.O_APPEND | os.O_CREAT
        fd = os.open(AUDIT_NAME, flags, 0o600, dir_fd=folder_fd)
        try:
            size = os.fstat(fd).st_size
            # A line that was cut short by the end of a process must not swallow this one.
            if size and os.pread(fd, 1, size - 1) != b"\n":
                line = b"\n" + line
            if (written := os.write(fd, line)) != len(line):
                os.ftruncate(fd, size)
                raise StoreError(path, f"wrote {written} of {len(line)} bytes")
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise StoreError(path, f"cannot write: {error.strerror}") from error


def read_audit(folder_fd: int, folder: str) -> tuple[AuditEntry, ...]:
    """Return every entry, the oldest first; nothing when there is no trail.

    Args:
        folder_fd: The folder of the store, open.
        folder: Its path, for messages.

    Raises:
        StoreError: A line is not an entry, or the file cannot be read.
    """
    path = os.path.join(folder, AUDIT_NAME)
    try:
        fd = os.open(AUDIT_NAME, _SAFE | os.O_RDONLY, dir_fd=folder_fd)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StoreError(path, f"cannot open: {error.strerror}") from error
    with open(fd, "rb") as file:
        try:
            data = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise StoreError(path, f"cannot read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise StoreError(path, f"longer than {_MAX_BYTES >> 20} MiB", offset=_MAX_BYTES)
    entries = []
    offset = 0
    for line in data.splitlines(keepends=True):
        if line.strip():
            entries.append(_entry(line, path, offset))
        offset += len(line)
    return tuple(entries)


def _line(entry: AuditEntry) -> bytes:
    values = asdict(entry)
    checksum = crc32(json.dumps(values).encode())
    return json.dumps({**values, "sum": checksum}).encode() + b"\n"


def _entry(line: bytes, path: str, offset: int) -> AuditEntry:
    try:
        values = json.loads(line)
        entry = AuditEntry(
            at_ns=int(values["at_ns"]),
            who=str(values["who"]),
            pid=int(values["pid"]),
            before=_numbers(values["before"]),
            after=_numbers(values["after"]),
            reason=str(values["reason"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise StoreError(path, "not a line of an audit trail", offset=offset) from None
    if line != _line(entry):
        raise StoreError(path, "damaged line of an audit trail: bad checksum", offset=offset)
    return entry


def _numbers(values: dict[str, object]) -> Numbers:
    generation, next_out, next_in = (
        int(str(values[key])) for key in ("generation", "next_out", "next_in")
    )
    return Numbers(generation, next_out, next_in)

"""One process per store: an advisory lock that names its holder.

The lock file stays behind when the store is closed; only the kernel's lock on it counts, which
goes with the process however it ends. The file also remembers the newest generation, so that a
segment that has gone missing is noticed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from fixgate.errors import StoreError

__all__ = ["LOCK_NAME", "Holder", "StoreLock", "read_holder"]

LOCK_NAME = "lock"
_MAX_LOCK_BYTES = 4096
_OPEN_TRIES = 10


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds, or last held, a store.

    Attributes:
        pid: Process id on ``host``.
        host: Name of the machine.
        since: When it was opened, ISO 8601, UTC.
        generation: The newest generation of segments at that time, 0 before the first.
    """

    pid: int
    host: str
    since: str
    generation: int

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


class StoreLock:
    """The lock of one store's folder, held until `release` or the end of the process.

    Args:
        folder_fd: The folder, open.
        folder: Its path, for messages.
        now_ns: When, nanoseconds since the epoch, UTC.

    Raises:
        StoreError: Another process holds the store, or the lock file is not one.
        OSError: The lock file cannot be opened.
    """

    __slots__ = ("_fd", "_path", "_since", "previous")

    previous: Holder | None
    """Who held the store before, or ``None`` when nobody ever did."""

    def __init__(self, folder_fd: int, folder: str, now_ns: int) -> None:
        self._path = os.path.join(folder, LOCK_NAME)
        at = datetime.fromtimestamp(now_ns // 1_000_000_000, tz=UTC)
        self._since = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._fd = self._acquire(folder_fd)
        try:
            self.previous = self._read(self._fd)
            self.remember(self.previous.generation if self.previous else 0)
        except BaseException:
            os.close(self._fd)
            raise

    def _acquire(self, folder_fd: int) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        for _ in range(_OPEN_TRIES):
            fd = os.open(LOCK_NAME, flags, 0o600, dir_fd=folder_fd)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # A lock on a file that somebody deleted meanwhile excludes nobody: try again.
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(
                        os.fstat(fd), os.stat(LOCK_NAME, dir_fd=folder_fd, follow_symlinks=False)
                    ):
                        return fd
            except BlockingIOError:
                holder = self._describe(fd)
                os.close(fd)
                raise StoreError(
                    self._path, f"in use by {holder}; one process at a time may use a store"
                ) from None
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)
        raise StoreError(self._path, "the lock file keeps being replaced by somebody else")

    def _describe(self, fd: int) -> str:
        try:
            holder = self._read(fd)
        except StoreError:
            holder = None
        return str(holder) if holder else "another process"

    def _read(self, fd: int) -> Holder | None:
        return read_holder(fd, self._path)

    def remember(self, generation: int) -> None:
        """Write the holder and the newest ``generation`` into the lock file.

        Raises:
            OSError: The file cannot be written.
        """
        text = json.dumps(
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": self._since,
                "generation": generation,
            }
        )
        # One write of a fixed length: no instant at which the file says less than it should.
        data = (text.ljust(_padded(len(text))) + "\n").encode()
        written = os.pwrite(self._fd, data, 0)
        if written != len(data):
            raise StoreError(self._path, f"wrote {written} of {len(data)} bytes")
        os.ftruncate(self._fd, len(data))

    def release(self) -> None:
        """Let go of the store; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def read_holder(fd: int, path: str) -> Holder | None:
    """Return who last wrote itself into an open lock file, or ``None`` when nobody did.

    Args:
        fd: The lock file.
        path: For messages.

    Raises:
        StoreError: It is not a lock file.
        OSError: It cannot be read.
    """
    data = os.pread(fd, _MAX_LOCK_BYTES, 0)
    if not data.strip():
        return None
    try:
        values = json.loads(data)
        return Holder(
            pid=int(values["pid"]),
            host=str(values["host"]),
            since=str(values["since"]),
            generation=int(values["generation"]),
        )
    except (ValueError, KeyError, TypeError):
        raise StoreError(path, "not a lock file of fixgate") from None


def _padded(length: int) -> int:
    return max(254, length)

"""One process per store: an advisory lock that names its holder.

The lock file stays behind when the store is closed; only the kernel's lock on it counts, which
goes with the process however it ends. The file also remembers how much was in the store, so that
a segment that has gone missing, or has become shorter, is noticed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from zlib import crc32

from fixgate.errors import StoreError

__all__ = ["LOCK_NAME", "Holder", "StoreLock", "boot_id", "read_holder"]

LOCK_NAME = "lock"
_MAX_LOCK_BYTES = 4096
_PADDED = 383
_OPEN_TRIES = 10
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds, or last held, a store.

    Attributes:
        pid: Process id on ``host``.
        host: Name of the machine.
        since: When it was opened, ISO 8601, UTC.
        generation: The newest generation of segments at that time, 0 before the first.
        size: Bytes of its segment when it was opened, or closed in order.
        synced: What it sent was on disk before.
        boot: Which start of the machine that was, or empty where the system does not tell.
    """

    pid: int
    host: str
    since: str
    generation: int
    size: int
    synced: bool
    boot: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


class StoreLock:
    """The lock of one store's folder, held until `release` or the end of the process.

    Args:
        folder_fd: The folder, open.
        folder: Its path, for messages.
        now_ns: When, nanoseconds since the epoch, UTC.
        synced: What is sent is on disk before.

    Raises:
        StoreError: Another process holds the store, or the lock file is not one.
        OSError: The lock file cannot be opened.
    """

    __slots__ = ("_fd", "_path", "_since", "_synced", "previous")

    previous: Holder | None
    """Who held the store before, or ``None`` when nobody ever did."""

    def __init__(self, folder_fd: int, folder: str, now_ns: int, *, synced: bool = False) -> None:
        self._path = os.path.join(folder, LOCK_NAME)
        self._synced = synced
        at = datetime.fromtimestamp(now_ns // 1_000_000_000, tz=UTC)
        self._since = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._fd = self._acquire(folder_fd)
        try:
            self.previous = self._read(self._fd)
            before = self.previous
            self.remember(before.generation if before else 0, before.size if before else 0)
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

    def remember(self, generation: int, size: int) -> None:
        """Write the holder and how much is in the store into the lock file.

        Args:
            generation: The newest.
            size: Bytes of its segment.

        Raises:
            OSError: The file cannot be written.
        """
        holder = Holder(
            pid=os.getpid(),
            host=socket.gethostname(),
            since=self._since,
            generation=generation,
            size=size,
            synced=self._synced,
            boot=boot_id(),
        )
        # One write of a fixed length: no instant at which the file says less than it should.
        data = _encode(holder)
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
    # A file that the system never came to write is empty, or nothing but zeros.
    if not data.strip(b"\0 \n"):
        return None
    try:
        values = json.loads(data)
        checksum = values.pop("sum")
        holder = Holder(
            pid=int(values["pid"]),
            host=str(values["host"]),
            since=str(values["since"]),
            generation=int(values["generation"]),
            size=int(values["size"]),
            synced=bool(values["synced"]),
            boot=str(values["boot"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise StoreError(path, "not a lock file of this fixgate", offset=0) from None
    if data != _encode(holder):
        reason = f"damaged lock file: bad checksum, {checksum!r}"
        raise StoreError(path, reason, offset=0)
    return holder


@cache
def boot_id() -> str:
    """Return which start of the machine this is; empty where the system does not tell."""
    try:
        with open(_BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _encode(holder: Holder) -> bytes:
    values = asdict(holder)
    checksum = crc32(json.dumps(values).encode())
    text = json.dumps({**values, "sum": checksum})
    return (text.ljust(max(_PADDED, len(text))) + "\n").encode()

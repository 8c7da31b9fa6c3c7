"""The files below a folder, read as they are: the kernel's own account of itself."""

from __future__ import annotations

import errno
import os

__all__ = ["Tree"]

_MOST_BYTES = 1 << 20
"""Of one file; /proc/interrupts of a machine of 500 cores is half of that."""

_ABSENT = "not there"
_NONE = "has none"
_REASONS = {
    errno.ENOENT: _ABSENT,
    errno.ENOTDIR: _ABSENT,
    # What a device answers that has no speed, say.
    errno.EINVAL: _NONE,
    errno.EOPNOTSUPP: _NONE,
    errno.EACCES: "may not be read by this user",
    errno.EPERM: "may not be read by this user",
}


class Tree:
    """Reads files and folders; remembers those that could not be read, and why.

    Args:
        root: The folder that stands for ``/``; another one holds the files of another machine.

    Attributes:
        unread: Path, as asked for, and why it could not be read.
    """

    __slots__ = ("_root", "unread")

    def __init__(self, root: str = "/") -> None:
        self._root = root.rstrip("/")
        self.unread: dict[str, str] = {}

    def read(self, path: str) -> str | None:
        """Return a file's text, what is no UTF-8 in it replaced; ``None`` where it cannot be read.

        Args:
            path: Absolute, such as ``/proc/loadavg``.
        """
        data = self.read_bytes(path)
        return None if data is None else data.decode("utf-8", "replace")

    def read_bytes(self, path: str) -> bytes | None:
        """Return what is in a file; ``None`` where it cannot be read."""
        try:
            # Neither a buffer nor a text layer: the time between two readings is measured.
            file = os.open(self._root + path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            self._missing(path, error)
            return None
        try:
            return _whole(file)
        except OSError as error:
            self._missing(path, error)
            return None
        finally:
            os.close(file)

    def peek(self, path: str) -> str | None:
        """Return as `read` does; that it is not there is nothing to remember."""
        text = self.read(path)
        self._forget_absence(path)
        return text

    def names_or_none(self, path: str) -> tuple[str, ...] | None:
        """Return as `names` does, or ``None``; that it is not there is nothing to remember."""
        found = self.names(path)
        absent = path in self.unread
        self._forget_absence(path)
        return None if absent else found

    def names(self, path: str) -> tuple[str, ...]:
        """Return what is in a folder, sorted; nothing where it cannot be read."""
        try:
            return tuple(sorted(os.listdir(self._root + path)))
        except OSError as error:
            self._missing(path, error)
            return ()

    def _forget_absence(self, path: str) -> None:
        if self.unread.get(path) in (_ABSENT, _NONE):
            del self.unread[path]

    def _missing(self, path: str, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0)
        self.unread[path] = reason or (error.strerror or "cannot be read").lower()


def _whole(file: int) -> bytes:
    """Read up to the end: files of the kernel give a page, and less than was asked for."""
    found = os.read(file, _MOST_BYTES)
    if not found:
        return found
    parts = [found]
    left = _MOST_BYTES - len(found)
    while left > 0 and (more := os.read(file, left)):
        parts.append(more)
        left -= len(more)
    return b"".join(parts)

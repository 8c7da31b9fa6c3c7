"""The files below a folder, read as they are: the kernel's own account of itself."""

from __future__ import annotations

import errno
import os

__all__ = ["Tree"]

_MOST_BYTES = 1 << 20
"""Of one file; /proc/interrupts of a machine of 500 cores is half of that."""

_REASONS = {
    errno.ENOENT: "not there",
    errno.ENOTDIR: "not there",
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
        try:
            # Neither a buffer nor a text layer: the time between two readings is measured.
            file = os.open(self._root + path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            self._missing(path, error)
            return None
        try:
            return _whole(file).decode("utf-8", "replace")
        except OSError as error:
            self._missing(path, error)
            return None
        finally:
            os.close(file)

    def names(self, path: str) -> tuple[str, ...]:
        """Return what is in a folder, sorted; nothing where it cannot be read."""
        try:
            return tuple(sorted(os.listdir(self._root + path)))
        except OSError as error:
            self._missing(path, error)
            return ()

    def target(self, path: str) -> str | None:
        """Return the last part of what a symbolic link points to; ``None`` where it is none."""
        try:
            return os.path.basename(os.readlink(self._root + path))
        except OSError as error:
            self._missing(path, error)
            return None

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

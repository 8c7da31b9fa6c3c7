"""Writing a file so that nobody ever reads half of it."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixgate.errors import StoreError

__all__ = ["new_file", "prepare", "write_atomically"]

_NO_LINKS = frozenset((errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS))


def prepare(path: Path) -> None:
    """Find out before the work whether a report can be written; missing folders are made.

    Raises:
        OSError: It cannot.
    """
    if path.exists() and not path.is_file():
        with path.open("a"):
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path.parent):
        pass


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` in UTF-8 beside ``path``, then put it in place in one step.

    A reader sees the old file or the new one, whole; a failure leaves the old one. Missing
    folders are made. A device or a pipe, such as ``/dev/stdout``, is written to directly.

    Raises:
        OSError: The file cannot be written.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode_of_new_files())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode_of_new_files() -> int:
    """Return the mode that the user's umask gives; temporary files are private by default."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give an empty file beside ``path`` to write into, and put it there when all went well.

    Only its owner can read it. It never takes the place of another, and nothing is left behind
    when writing failed.

    Raises:
        StoreError: ``path`` exists, or cannot be written.
    """
    try:
        if os.path.lexists(path):
            raise FileExistsError
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".fixgate-", suffix=".partial")
        try:
            yield Path(name)
            os.fsync(descriptor)
            _put(name, path)
        finally:
            os.close(descriptor)
            Path(name).unlink(missing_ok=True)
    except FileExistsError as error:
        raise StoreError(str(path), "exists already; choose a new file") from error
    except OSError as error:
        raise StoreError(str(path), f"cannot write: {error.strerror or error}") from error


def _put(name: str, path: Path) -> None:
    """Give a file the name ``path``, which nobody else must have taken meanwhile."""
    try:
        os.link(name, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links, such as FAT.
        os.rename(name, path)

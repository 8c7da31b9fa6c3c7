"""Writing a report so that nobody ever reads half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["prepare", "write_atomically"]


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

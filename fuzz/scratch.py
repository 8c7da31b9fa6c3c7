"""A folder for the files of a target, gone with the process."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

__all__ = ["fresh_folder", "scratch"]

_MEMORY = Path("/dev/shm")  # a disk has nothing to add to it


@cache
def _root() -> tempfile.TemporaryDirectory[str]:
    where = _MEMORY if _MEMORY.is_dir() else None
    return tempfile.TemporaryDirectory(prefix="fixgate-fuzz-", dir=where)


def scratch() -> Path:
    """Return the folder."""
    return Path(_root().name)


def fresh_folder(name: str) -> Path:
    """Return an empty folder of that name in it."""
    folder = scratch() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder

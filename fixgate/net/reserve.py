"""Space that is held back on the disk, so that there is some when none is left.

A file without a name: it goes with the process, however that ends.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import IO

from fixgate.errors import StoreError

__all__ = ["RESERVE_BYTES", "Reserve", "is_full"]

RESERVE_BYTES = 1 << 20
"""2,000 sessions take 300 bytes each to log out, with what their stores add to that."""

_NO_FALLOCATE = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


def is_full(error: OSError) -> bool:
    """Whether an error says that there is no space left, on the disk or for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Reserve:
    """Some space in one folder's file system.

    Args:
        folder: The folder; made when missing.
        size: How much, bytes.
    """

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._folder = folder
        self._size = size
        self._file: IO[bytes] | None = None

    def hold(self) -> None:
        """Take the space, unless it is held already.

        Raises:
            StoreError: There is not so much left, or the folder cannot be used.
        """
        if self._file is not None:
            return
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - kept
            try:
                _fill(file.fileno(), self._size)
            except BaseException:
                file.close()
                raise
        except OSError as error:
            reason = f"cannot hold {self._size} bytes back: {error.strerror}"
            raise StoreError(str(self._folder), reason, full=is_full(error)) from error
        self._file = file

    def release(self) -> bool:
        """Give the space back; say whether any was held."""
        file, self._file = self._file, None
        if file is None:
            return False
        file.close()
        return True


def _fill(fd: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(fd, 0, size)
        except OSError as error:
            if error.errno not in _NO_FALLOCATE:
                raise
        else:
            return
    while size > 0:
        size -= os.write(fd, bytes(min(size, 1 << 16)))

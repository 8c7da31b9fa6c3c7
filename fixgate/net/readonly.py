"""The files of a store, for reading only: no lock is taken and nothing is changed.

Works beside the process that uses the store. What it appends meanwhile is not seen; a record that
it is writing at this very moment looks like a torn one.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.net.audit import AuditEntry, read_audit
from fixgate.net.lock import LOCK_NAME, Holder, read_holder
from fixgate.net.records import FileHeader, Record, Torn, decode_file_header, read_records
from fixgate.net.segments import segment_name, session_id_of, sort_generations
from fixgate.session.settings import SessionId

__all__ = ["ReadOnlyFolder", "ReadOnlySegment", "find_stores", "read_session_id", "search_stores"]

_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_HEADER_BYTES = 1 << 17
_LOCKS = "/proc/locks"
_LOCK_LINE = re.compile(
    r"\d+: +FLOCK +ADVISORY +WRITE +(-?\d+) +([0-9a-f]+):([0-9a-f]+):(\d+) ", re.ASCII
)
_DEEPEST = 4


def find_stores(path: Path, session: str = "") -> list[Path]:
    """Return the folders of single sessions in ``path``, or ``path`` itself when it is one.

    Folders in folders are searched too, as fixgate keeps stores by address; links are not
    followed.

    Args:
        path: Where to look.
        session: Only stores with this in ``BeginString:OURS->THEIRS``, or in the folder's name
            where the session cannot be read.

    Raises:
        StoreError: It cannot be read, or there is none.
    """
    found = search_stores(path)
    named = [each for each in found if session in _name_of(each)] if session else found
    if not named:
        what = f"no store of a session with '{session}'" if session else "no store"
        raise StoreError(str(path), f"{what} is here")
    return named


def search_stores(path: Path) -> list[Path]:
    """Return the same, and nothing where there is none.

    Raises:
        StoreError: It cannot be read.
    """
    found: list[Path] = []
    _search(path, found, 0)
    return found


def _name_of(path: Path) -> str:
    try:
        return str(read_session_id(path))
    except StoreError:
        return path.name


def _search(path: Path, found: list[Path], depth: int) -> None:
    try:
        with os.scandir(path) as entries:
            entries_here = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise StoreError(str(path), f"cannot be read: {error.strerror}") from error
    names = {entry.name for entry in entries_here}
    if LOCK_NAME in names or any(name.endswith(".journal") for name in names):
        found.append(path)
    elif depth < _DEEPEST:
        for entry in entries_here:
            if entry.is_dir(follow_symlinks=False):
                _search(path / entry.name, found, depth + 1)


class ReadOnlySegment:
    """One journal file as it was when it was opened.

    Attributes:
        path: For messages.
        size: Bytes of the file then.
    """

    __slots__ = ("_fd", "path", "size")

    def __init__(self, fd: int, path: str) -> None:
        self._fd = fd
        self.path = path
        self.size = os.fstat(fd).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``, fewer only at the end.

        Raises:
            StoreError: It cannot be read.
        """
        wanted = min(size, self.size - offset)
        parts: list[bytes] = []
        try:
            while wanted > 0:
                part = os.pread(self._fd, wanted, offset)
                if not part:
                    break
                parts.append(part)
                offset, wanted = offset + len(part), wanted - len(part)
        except OSError as error:
            raise StoreError(self.path, f"cannot read: {error.strerror}", offset=offset) from error
        return b"".join(parts)

    def grown(self) -> bool:
        """Look again how long the file is; say whether it is longer than before."""
        before, self.size = self.size, os.fstat(self._fd).st_size
        return self.size > before

    def header(self) -> FileHeader:
        """Return what the file says about itself.

        Raises:
            StoreError: It is foreign, of another format, or damaged.
        """
        return decode_file_header(self.read(0, _HEADER_BYTES), self.path)

    def records(self, start: int) -> Iterator[Record | Torn]:
        """Yield the records from ``start`` on; see `read_records`.

        Raises:
            StoreError: A record is damaged.
        """
        return read_records(self.read, start, self.path)


class ReadOnlyFolder:
    """The folder of one session's store.

    Args:
        path: The folder.

    Raises:
        StoreError: It cannot be opened.
    """

    __slots__ = ("_fd", "path")

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StoreError(self.path, f"cannot open the store: {error.strerror}") from error

    def __enter__(self) -> ReadOnlyFolder:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def generations(self) -> tuple[list[int], list[StoreError]]:
        """Return the generations whose segments are here, and what is wrong with the rest."""
        try:
            names = os.listdir(self._fd)
        except OSError as error:
            return [], [StoreError(self.path, f"cannot be read: {error.strerror}")]
        return sort_generations(names, self.path)

    @contextlib.contextmanager
    def segment(self, generation: int) -> Iterator[ReadOnlySegment]:
        """Open one segment.

        Raises:
            StoreError: It cannot be opened or is not a regular file.
        """
        name = segment_name(generation)
        path = os.path.join(self.path, name)
        try:
            fd = os.open(name, _OPEN, dir_fd=self._fd)
        except OSError as error:
            raise StoreError(path, f"cannot open: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise StoreError(path, "not a regular file")
            yield ReadOnlySegment(fd, path)
        finally:
            os.close(fd)

    def holder(self) -> tuple[Holder | None, bool | None]:
        """Return who last opened the store, and whether somebody has it in use now.

        Returns:
            The second is ``None`` where the system does not say who holds which lock.

        Raises:
            StoreError: The lock file is not one, or cannot be read.
        """
        path = os.path.join(self.path, LOCK_NAME)
        try:
            fd = os.open(LOCK_NAME, _OPEN, dir_fd=self._fd)
        except FileNotFoundError:
            return None, False
        except OSError as error:
            raise StoreError(path, f"cannot open: {error.strerror}") from error
        try:
            holder = read_holder(fd, path)
            return holder, _is_held(os.fstat(fd), holder)
        except OSError as error:
            raise StoreError(path, f"cannot read: {error.strerror}") from error
        finally:
            os.close(fd)

    def audit(self) -> tuple[AuditEntry, ...]:
        """Return the changes by hand, the oldest first.

        Raises:
            StoreError: The trail is damaged or cannot be read.
        """
        return read_audit(self._fd, self.path)


def read_session_id(path: Path) -> SessionId:
    """Return whose store it is, by the header of its newest segment.

    Args:
        path: The folder of one session.

    Raises:
        StoreError: It cannot be read, or is damaged so far that nobody can say.
    """
    with ReadOnlyFolder(path) as folder:
        generations, wrong = folder.generations()
        if wrong:
            raise wrong[0]
        if not generations:
            raise StoreError(folder.path, "no journal is here")
        with folder.segment(generations[-1]) as segment:
            session_id = session_id_of(segment.header().identity)
            if session_id is None:
                raise StoreError(segment.path, "its header names no session", offset=0)
            return session_id


def _is_held(lock: os.stat_result, holder: Holder | None) -> bool | None:
    # Asking the kernel by trying to take the lock would refuse a process that starts meanwhile.
    try:
        with open(_LOCKS, encoding="ascii", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return None
    device = (os.major(lock.st_dev), os.minor(lock.st_dev))
    for line in lines:
        found = _LOCK_LINE.match(line)
        if found is None or int(found[4]) != lock.st_ino:
            continue
        # Some file systems, such as btrfs, show another device here than stat does.
        same_process = holder is not None and int(found[1]) == holder.pid
        if same_process or (int(found[2], 16), int(found[3], 16)) == device:
            return True
    return False

"""The files of one store: a folder of segments, one for each generation.

Everything is opened relative to the folder and never through a symbolic link, so that no
CompID, however hostile, and no planted link leads a write outside of it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.net.audit import AUDIT_NAME
from fixgate.net.lock import LOCK_NAME
from fixgate.net.records import FileHeader, decode_file_header
from fixgate.net.reserve import is_full
from fixgate.session.settings import SessionId

__all__ = [
    "Segment",
    "StoreFolder",
    "folder_name",
    "identity_text",
    "segment_name",
    "session_id_of",
    "sort_generations",
]

_SUFFIX = ".journal"
_NAME = re.compile(r"(\d{8,20})\.journal", re.ASCII)
_NEW_NAME = "new"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SLUG_CHARS = 60
_HEADER_BYTES = 1 << 17
_OPEN = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def identity_text(session_id: SessionId) -> str:
    """Return the identity as it stands in a journal's header; different for different ids."""
    named = (session_id.begin_string, session_id.ours, session_id.theirs)
    places = (
        session_id.our_sub_id,
        session_id.our_location_id,
        session_id.their_sub_id,
        session_id.their_location_id,
    )
    return "\x01".join((*named, *places) if any(places) else named)


def session_id_of(identity: str) -> SessionId | None:
    """Return the session of a journal's header, or ``None`` when it names none."""
    parts = identity.split("\x01")
    return SessionId(*parts) if 3 <= len(parts) <= len(fields(SessionId)) else None


def folder_name(session_id: SessionId) -> str:
    """Return the name of the session's folder: readable, safe, and unique by a hash."""
    slug = _UNSAFE.sub("_", f"{session_id.begin_string}-{session_id.ours}-{session_id.theirs}")
    digest = sha256(identity_text(session_id).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{slug.lstrip('.')[:_SLUG_CHARS]}-{digest[:8]}"


class Segment:
    """One journal file, open for appending.

    Attributes:
        path: For messages.
        size: Bytes that are whole records; what stands behind is never kept.
    """

    __slots__ = ("_dirty", "_fd", "_synced", "path", "size")

    def __init__(self, fd: int, path: str, *, synced: bool) -> None:
        self._fd = fd
        self.path = path
        self.size = os.fstat(fd).st_size
        self._synced = synced
        self._dirty = False

    def append(self, data: bytes) -> None:
        """Write all of ``data`` at the end, or nothing of it; on disk when this returns, if synced.

        Raises:
            StoreError: It cannot be written; what was written of it has been taken back, or
                will be before the next write.
        """
        self.write(data)
        self.size += len(data)

    def write(self, data: bytes) -> None:
        """Do the same for a thread: whoever sees it return adds to ``size``; see `append`."""
        try:
            if self._dirty:
                os.ftruncate(self._fd, self.size)
                self._dirty = False
            written = os.write(self._fd, data)
            if written != len(data):
                self._write_rest(memoryview(data)[written:])
            if self._synced:
                _sync_data(self._fd)
        except OSError as error:
            # After a failed sync nobody knows what is on disk: it is all written once more.
            self._take_back()
            raise StoreError(
                self.path,
                f"cannot write {len(data)} bytes: {error.strerror}",
                offset=self.size,
                full=is_full(error),
            ) from error

    def sync(self) -> None:
        """Wait until everything is on disk, if synced.

        Raises:
            StoreError: The disk fails.
        """
        if self._synced:
            try:
                _sync_data(self._fd)
            except OSError as error:
                raise StoreError(self.path, f"cannot sync: {error.strerror}") from error

    def _write_rest(self, rest: memoryview) -> None:
        with rest:
            done = 0
            while done < len(rest):
                done += os.write(self._fd, rest[done:])

    def _take_back(self) -> None:
        self._dirty = True
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, self.size)
            self._dirty = False

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``, fewer only where the segment ends.

        Raises:
            StoreError: It cannot be read.
        """
        wanted = min(size, self.size - offset)
        if wanted <= 0:
            return b""
        try:
            data = os.pread(self._fd, wanted, offset)
            while len(data) < wanted:
                more = os.pread(self._fd, wanted - len(data), offset + len(data))
                if not more:
                    raise StoreError(
                        self.path, "the file became shorter while it was in use", offset=offset
                    )
                data += more
        except OSError as error:
            raise StoreError(self.path, f"cannot read: {error.strerror}", offset=offset) from error
        return data

    def header(self) -> FileHeader:
        """Return what the file says about itself.

        Raises:
            StoreError: It is foreign, newer, or damaged.
        """
        return decode_file_header(self.read(0, _HEADER_BYTES), self.path)

    def cut(self, size: int) -> None:
        """Take away everything from ``size`` on.

        Raises:
            StoreError: The file cannot be changed.
        """
        try:
            os.ftruncate(self._fd, size)
        except OSError as error:
            raise StoreError(
                self.path, f"cannot cut the torn record: {error.strerror}", offset=size
            ) from error
        self.size = size

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class StoreFolder:
    """The folder of one session's store, made when it is not there.

    Args:
        root: Where the folders of all sessions are.
        name: The folder's own name; see `folder_name`.
        synced: Whether what is made here is on disk when the call that makes it returns.

    Raises:
        StoreError: It cannot be opened or made.
    """

    __slots__ = ("_synced", "fd", "path")

    def __init__(self, root: Path, name: str, *, synced: bool = False) -> None:
        self.path = os.path.join(root, name)
        self._synced = synced
        directory = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            os.makedirs(root, mode=0o700, exist_ok=True)
            root_fd = os.open(root, directory)
            try:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=root_fd)
                self.fd = os.open(name, directory | os.O_NOFOLLOW, dir_fd=root_fd)
                if synced:
                    os.fsync(root_fd)
                    _sync_folder(root.parent)
            finally:
                os.close(root_fd)
        except OSError as error:
            raise StoreError(self.path, f"cannot open the store: {error.strerror}") from error

    def generations(self) -> list[int]:
        """Return the generations whose segments are here, ascending and without a hole.

        Raises:
            StoreError: A file is foreign, or a segment in the middle is missing.
        """
        found, wrong = sort_generations(os.listdir(self.fd), self.path)
        if wrong:
            raise wrong[0]
        return found

    def segment_path(self, generation: int) -> str:
        """Return the path of a generation's segment, for messages."""
        return os.path.join(self.path, segment_name(generation))

    def open(self, generation: int) -> Segment:
        """Open an existing segment.

        Raises:
            StoreError: It cannot be opened or is not a regular file.
        """
        path = self.segment_path(generation)
        try:
            fd = os.open(segment_name(generation), _OPEN, dir_fd=self.fd)
        except OSError as error:
            raise StoreError(path, f"cannot open: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise StoreError(path, "not a regular file")
        return Segment(fd, path, synced=self._synced)

    def create(self, generation: int, data: bytes) -> Segment:
        """Make a new segment that holds ``data``: either all of it appears, or no segment.

        Raises:
            StoreError: It cannot be written.
        """
        path = self.segment_path(generation)
        fd = -1
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(_NEW_NAME, dir_fd=self.fd)
            flags = _OPEN | os.O_CREAT | os.O_EXCL
            fd = os.open(_NEW_NAME, flags, 0o600, dir_fd=self.fd)
            segment = Segment(fd, path, synced=self._synced)
            segment.append(data)
            os.rename(_NEW_NAME, segment_name(generation), src_dir_fd=self.fd, dst_dir_fd=self.fd)
            if self._synced:
                os.fsync(self.fd)
        except (OSError, StoreError) as error:
            if fd >= 0:
                os.close(fd)
            if isinstance(error, StoreError):
                raise
            reason = f"cannot create: {error.strerror}"
            raise StoreError(path, reason, full=is_full(error)) from error
        return segment

    def close(self) -> None:
        """Close the folder; a second call does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def _sync_data(fd: int) -> None:
    # Where there is no fdatasync, as on macOS, fsync does more.
    (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(fd)


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sort_generations(names: Iterable[str], folder: str) -> tuple[list[int], list[StoreError]]:
    """Return the generations whose segments are among ``names``, and what is wrong with them.

    Args:
        names: Of the files of a store.
        folder: Its path, for messages.
    """
    found: list[int] = []
    wrong: list[StoreError] = []
    for name in names:
        if name in (LOCK_NAME, AUDIT_NAME, _NEW_NAME):
            continue
        match = _NAME.fullmatch(name)
        if match is None or segment_name(int(match[1])) != name:
            path = os.path.join(folder, name)
            wrong.append(StoreError(path, "foreign file in the folder of a store"))
        else:
            found.append(int(match[1]))
    found.sort()
    for before, after in itertools.pairwise(found):
        if after != before + 1:
            path = os.path.join(folder, segment_name(before + 1))
            reason = f"missing segment: generations {before} and {after} are here"
            wrong.append(StoreError(path, reason))
    return found, wrong


def segment_name(generation: int) -> str:
    """Return the file name of a generation's segment."""
    return f"{generation:08d}{_SUFFIX}"

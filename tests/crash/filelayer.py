"""A file layer that remembers what was written and synced, and what a power cut may leave of it.

It stands in place of ``os`` in the modules that write stores. What the disk has after a power cut
is everything that was synced, any number of the other operations in their order, and of the next
one some part: fewer bytes, zeros where bytes should be, blocks in which the new bytes are missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["RecordingOs"]

_SECTOR = 512
_BLOCK = 16
"""Bytes that a disk writes at once; real ones write more, and leave fewer kinds of holes."""


@dataclass(frozen=True)
class Op:
    """One operation: what it did, to which file (a number that survives renaming) or folder."""

    kind: str
    target: object
    name: str = ""
    to: str = ""
    offset: int = 0
    data: bytes = b""


class RecordingOs:
    """Does what ``os`` does, below ``root``, and keeps a record."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.ops: list[Op] = []
        self._names: dict[str, int] = {}
        self._open: dict[int, tuple[str, int | None]] = {}
        self._files = 0

    def __getattr__(self, name):
        return getattr(os, name)

    def _name(self, path, dir_fd) -> str:
        base = self._open[dir_fd][0] if dir_fd is not None else ""
        full = path if dir_fd is None else os.path.join(self._root, base, path)
        return os.path.relpath(full, self._root)

    def makedirs(self, path, mode=0o777, exist_ok=False):
        if not os.path.isdir(path):
            self.mkdir(path, mode)
        assert exist_ok

    def mkdir(self, path, mode=0o777, *, dir_fd=None):
        os.mkdir(path, mode, dir_fd=dir_fd)
        name = self._name(path, dir_fd)
        self.ops.append(Op("mkdir", _folder_of(name), name))

    def open(self, path, flags, mode=0o777, *, dir_fd=None):
        fd = os.open(path, flags, mode, dir_fd=dir_fd)
        name = self._name(path, dir_fd)
        if flags & os.O_DIRECTORY:
            self._open[fd] = (name, None)
            return fd
        if name not in self._names:
            self._files += 1
            self._names[name] = self._files
            if flags & os.O_CREAT:
                self.ops.append(Op("create", _folder_of(name), name, offset=self._files))
        self._open[fd] = (name, self._names[name])
        return fd

    def close(self, fd):
        os.close(fd)
        self._open.pop(fd, None)

    def write(self, fd, data):
        offset = os.fstat(fd).st_size
        written = os.write(fd, data)
        self.ops.append(Op("write", self._open[fd][1], offset=offset, data=bytes(data[:written])))
        return written

    def pwrite(self, fd, data, offset):
        # Disks write a sector whole or not at all; PostgreSQL's pg_control relies on it, too.
        assert offset + len(data) <= _SECTOR
        self.ops.append(Op("rewrite", self._open[fd][1], offset=offset, data=bytes(data)))
        return os.pwrite(fd, data, offset)

    def ftruncate(self, fd, size):
        self.ops.append(Op("truncate", self._open[fd][1], offset=size))
        os.ftruncate(fd, size)

    def rename(self, source, target, *, src_dir_fd=None, dst_dir_fd=None):
        os.rename(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        before, after = self._name(source, src_dir_fd), self._name(target, dst_dir_fd)
        self._names[after] = self._names.pop(before)
        self.ops.append(Op("rename", _folder_of(after), before, after))

    def unlink(self, path, *, dir_fd=None):
        os.unlink(path, dir_fd=dir_fd)
        name = self._name(path, dir_fd)
        self._names.pop(name, None)
        self.ops.append(Op("unlink", _folder_of(name), name))

    def fsync(self, fd):
        name, file = self._open[fd]
        self.ops.append(Op("sync", name if file is None else file))

    fdatasync = fsync

    # What a power cut leaves.

    def images(self, at: int) -> Iterator[dict[str, bytes]]:
        """Yield what the disk may have when the power goes after ``at`` operations.

        Each image is the contents of all files by name.
        """
        done = self.ops[:at]
        synced: set[int] = set()
        for place, op in enumerate(done):
            if op.kind == "sync":
                synced |= {i for i in range(place) if done[i].target == op.target}
        loose = [i for i in range(at) if i not in synced and done[i].kind != "sync"]
        yield self._image([done[i] for i in sorted(synced)])
        for count, next_one in enumerate(loose):
            kept = sorted(synced | set(loose[:count]))
            for part in _parts(done[next_one]):
                yield self._image(
                    [done[i] for i in kept if i < next_one]
                    + [part]
                    + [done[i] for i in kept if i > next_one]
                )
            whole = sorted({*kept, next_one})
            yield self._image([done[i] for i in whole])

    def _image(self, ops: list[Op]) -> dict[str, bytes]:
        files: dict[object, bytearray] = {}
        names: dict[str, object] = {}
        folders = {"."}
        for op in ops:
            if op.kind == "mkdir" and op.target in folders:
                folders.add(op.name)
            elif op.kind == "create" and op.target in folders:
                names[op.name] = op.offset
                files.setdefault(op.offset, bytearray())
            elif op.kind in ("write", "rewrite"):
                file = files.setdefault(op.target, bytearray())
                file.extend(bytes(max(op.offset - len(file), 0)))
                file[op.offset : op.offset + len(op.data)] = op.data
            elif op.kind == "truncate":
                file = files.setdefault(op.target, bytearray())
                del file[op.offset :]
                file.extend(bytes(op.offset - len(file)))
            elif op.kind == "rename" and op.name in names:
                names[op.to] = names.pop(op.name)
            elif op.kind == "unlink":
                names.pop(op.name, None)
        return {name: bytes(files[file]) for name, file in names.items()}


def _folder_of(name: str) -> str:
    return os.path.dirname(name) or "."


def _parts(op: Op) -> Iterator[Op]:
    """Yield what may be left of an operation that was under way."""
    if op.kind != "write":
        return
    data = op.data
    step = max(len(data) // 12, 1)
    for size in range(1, len(data), step):
        yield Op("write", op.target, offset=op.offset, data=data[:size])
        # The file has its new length, the rest of its bytes never came.
        yield Op("write", op.target, offset=op.offset, data=data[:size].ljust(len(data), b"\0"))
    blocks = range(0, len(data), max(_BLOCK, len(data) // 8))
    for hole in blocks:
        end = hole + blocks.step
        holed = data[:hole] + bytes(len(data[hole:end])) + data[end:]
        yield Op("write", op.target, offset=op.offset, data=holed)

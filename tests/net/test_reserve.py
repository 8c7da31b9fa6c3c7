from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fixgate.errors import StoreError
from fixgate.net.reserve import Reserve, is_full


def test_it_takes_real_space_and_leaves_no_file(tmp_path):
    reserve = Reserve(tmp_path / "store", 1 << 20)
    reserve.hold()
    reserve.hold()
    assert reserve._file is not None
    found = os.fstat(reserve._file.fileno())
    assert found.st_size == 1 << 20
    assert found.st_blocks * 512 >= 1 << 20
    assert list((tmp_path / "store").iterdir()) == []
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700
    assert reserve.release()
    assert not reserve.release()
    reserve.hold()
    assert reserve.release()


@pytest.mark.parametrize("missing", [errno.EOPNOTSUPP, errno.EINVAL])
def test_where_space_cannot_be_asked_for_it_is_written(tmp_path, monkeypatch, missing):
    def refused(fd, offset, size):
        raise OSError(missing, os.strerror(missing))

    monkeypatch.setattr(os, "posix_fallocate", refused)
    reserve = Reserve(tmp_path, 100_000)
    reserve.hold()
    assert reserve._file is not None
    assert os.fstat(reserve._file.fileno()).st_blocks * 512 >= 100_000
    reserve.release()


def test_a_full_disk_is_named_and_nothing_stays_open(tmp_path, monkeypatch):
    def full(fd, offset, size):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    reserve = Reserve(tmp_path, 4096)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(StoreError, match="cannot hold 4096 bytes back: No space left") as caught:
        reserve.hold()
    assert caught.value.full
    assert not reserve.release()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="Not a directory") as caught:
        Reserve(tmp_path / "file" / "store").hold()
    assert not caught.value.full


def test_what_full_means():
    assert is_full(OSError(errno.ENOSPC, "x"))
    assert is_full(OSError(errno.EDQUOT, "x"))
    assert not is_full(OSError(errno.EIO, "x"))

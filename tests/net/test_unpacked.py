from __future__ import annotations

import gzip
import io

import pytest

from fixgate.net.unpacked import open_unpacked


@pytest.mark.parametrize("name", ["log", "log.gz"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_gzip_is_known_by_its_beginning(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(b"what was written"))
    with open_unpacked(path) as stream:
        assert stream.read() == b"what was written"


@pytest.mark.parametrize("data", [b"", b"\x1f", b"plain"])
def test_what_is_too_short_to_tell(tmp_path, data):
    path = tmp_path / "log"
    path.write_bytes(data)
    with open_unpacked(str(path)) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(monkeypatch, pack):
    class Standard:
        buffer = io.BytesIO(pack(b"piped"))

    monkeypatch.setattr("sys.stdin", Standard())
    with open_unpacked("-") as stream:
        assert stream.read() == b"piped"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError), open_unpacked(tmp_path / "missing"):
        pass

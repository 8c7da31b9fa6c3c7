from __future__ import annotations

import gzip
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.capture.source import Source


class Pipe(io.RawIOBase):
    """Gives so many bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream, self._size = io.BytesIO(data), size

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._size)


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(1, 9), st.lists(st.integers(0, 20), max_size=12))
def test_every_byte_comes_once_and_is_counted(data, size, counts):
    source, place = Source(Pipe(data, size)), 0
    for count in counts:
        assert source.take(count) == data[place : place + count]
        place = min(place + count, len(data))
        assert source.offset == place
    assert source.skip(1000) == len(data) - place
    assert source.take(1) == b""
    assert source.end == Source.END


def test_nothing_more_is_waited_for_than_was_asked_for():
    class Never(Pipe):
        def read(self, size: int = -1) -> bytes:
            found = super().read()
            assert found, "read on after what was asked for had come"
            return found

    source = Source(Never(b"abcdef", 3))
    assert source.take(4) + source.take(2) == b"abcdef"


def test_gzip_that_is_cut_short_says_so():
    packed = gzip.compress(bytes(range(256)) * 100)[:-30]
    source = Source(gzip.GzipFile(fileobj=io.BytesIO(packed)))
    assert source.skip(10**6) < 25_600
    assert source.end == "the gzip data is cut short or damaged"

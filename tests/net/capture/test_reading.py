from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import RecordingError
from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.reading import read_capture
from fixgate.net.capture.segment import Segment, read_segment
from tests.net.capture.craft import Line, pcap, pcapng


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "some: byte 0: is empty, expected a packet capture: pcap or pcapng"),
        (
            b"8=FIX.4.4",
            "some: byte 0: begins with 38 3d 46 49, expected a packet capture: pcap or pcapng",
        ),
        (b"\xd4", "some: byte 0: begins with d4, expected a packet capture: pcap or pcapng"),
    ],
)
def test_what_is_no_capture(data, reason):
    with pytest.raises(RecordingError) as error:
        read_capture(io.BytesIO(data), "some")
    assert str(error.value) == reason


class Pipe(io.RawIOBase):
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream, self._size = io.BytesIO(data), size

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._size)


def line() -> Line:
    line = Line()
    line.open()
    line.say(200, 0, b"8=FIX.4.4")
    return line


@pytest.mark.parametrize("write", [pcap, pcapng])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_pipe_reads_like_a_file(write, size):
    data = write(line().packets)
    assert list(read_capture(Pipe(data, size), "-")) == list(read_capture(io.BytesIO(data), "-"))


@settings(deadline=None)
@given(st.data())
def test_no_bytes_raise_behind_the_first_four(data):
    whole = bytearray(data.draw(st.sampled_from([pcap, pcapng]))(line().packets))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    whole = whole[: data.draw(st.integers(4, len(whole)))]
    for each in read_capture(io.BytesIO(bytes(whole)), "some"):
        if isinstance(each, Damage):
            assert 0 <= each.offset <= len(whole)
            assert each.reason
        else:
            assert isinstance(each, Packet)
            assert isinstance(read_segment(each), Segment | str)

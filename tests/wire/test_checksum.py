from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.wire.checksum import TRAILERS, checksum


@given(st.binary(max_size=3000))
@settings(max_examples=200, deadline=None)
def test_is_the_sum_of_the_bytes(data):
    assert checksum(data) == sum(data) % 256


@pytest.mark.parametrize("byte", [0, 1, 127, 128, 255])
@pytest.mark.parametrize("size", [*range(254, 260), *range(512, 518), 1029, 1030, 1031, 70_000])
def test_where_the_fast_sum_could_wrap(byte, size):
    data = bytes([byte]) * size
    assert checksum(data) == sum(data) % 256


def test_a_published_message():
    head = b"8=FIX.4.2\x019=65\x0135=A\x0149=SERVER\x0156=CLIENT\x0134=177\x01"
    head += b"52=20090107-18:15:16\x0198=0\x01108=30\x01"
    assert checksum(head) == 62


def test_trailers():
    assert TRAILERS[7] == b"10=007\x01"
    assert len(TRAILERS) == 256

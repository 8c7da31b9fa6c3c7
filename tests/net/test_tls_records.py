"""Where TLS records end, whatever pieces they come in."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.net.tls_records import TlsRecords


def record(size: int, kind: int = 23) -> bytes:
    return bytes((kind, 3, 3)) + size.to_bytes(2, "big") + b"\x17" * size


def test_only_at_the_end_of_a_record():
    records = TlsRecords()
    whole = record(40)
    assert records.ends_with(whole)
    assert records.ends_with(whole + record(0) + record(7, 21))
    assert not records.ends_with(whole[:3])
    assert not records.ends_with(whole[3:-1])
    assert records.ends_with(whole[-1:])


@given(st.lists(st.integers(0, 400), max_size=6), st.lists(st.integers(1, 300), max_size=20))
def test_pieces_of_any_size(sizes: list[int], pieces: list[int]):
    stream = b"".join(record(size) for size in sizes)
    ends, at = {0}, 0
    for size in sizes:
        at += 5 + size
        ends.add(at)
    records, at = TlsRecords(), 0
    for piece in [*pieces, len(stream)]:
        part = stream[at : at + piece]
        at += len(part)
        if part:
            assert records.ends_with(part) is (at in ends)

"""When a stall and a sample have time in common."""

import pytest

from fixgate.host import Stall, StallKind

STALL = Stall(StallKind.GC, 100, 200)


@pytest.mark.parametrize(
    ("begin_ns", "end_ns", "common"),
    [(0, 100, False), (0, 101, True), (120, 130, True), (199, 300, True), (200, 300, False)],
)
def test_overlaps_what_has_an_instant_in_common(begin_ns: int, end_ns: int, common: bool):
    assert STALL.overlaps(begin_ns, end_ns) is common
    assert STALL.duration_ns == 100

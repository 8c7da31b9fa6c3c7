from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.wire.early import EarlyEnds
from fixgate.wire.fields import FieldWalk
from fixgate.wire.limits import DEFAULT_LIMITS
from tests.fixtext import soh


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("|35=0|58=x|", -1),
        ("|35=0|10=000|", 5),
        ("|35=0|10=000|58=x|10=111|", 5),
        ("|35=0|95=9|96=a|10=000|b|10=1", 24),
        ("|35=0|95=9|58=x|10=000|", 15),
        ("|35=0|95=x|96=a|10=000|", 15),
        ("|35=0|95=8|93=1|89=a|10=000|", 20),
        ("|35=0|95=1|96=a|10=000|", 15),
        ("|35=0|95=999999999|96=a|10=000|", -1),
        ("|10=0", 0),
        ("", -1),
    ],
)
def test_the_first_that_is_no_part_of_a_value(text, first):
    assert EarlyEnds(soh(text)).first(0) == first


FIELDS = st.lists(
    st.sampled_from(["58=x", "95=1", "95=4", "95=9", "95=13", "96=a", "96=abcd", "93=6", "10=000"]),
    max_size=14,
)


@settings(max_examples=300, deadline=None)
@given(FIELDS)
def test_it_is_where_a_walk_over_the_fields_stops(fields):
    """From wherever one begins, and in whatever order one asks."""
    head = soh("8=FIX|9=9000|35=0|")
    data = head + soh("|".join(fields) + "|" * bool(fields))
    ends = EarlyEnds(data)
    for start in range(len(head) - 5, len(data)):
        if data[start : start + 1] != b"\x01":
            continue
        message = soh("8=FIX|9=9000|35=0") + data[start:]
        walk = FieldWalk(message, len(head) - 5, 9000, DEFAULT_LIMITS)
        flaw = walk.early()
        found = ends.first(start)
        if flaw is None:
            assert found == -1 or walk._blocked
        elif "CheckSum(10) comes after" in flaw.text:
            assert found - start + len(message) - len(data[start:]) == walk.pos - 1


def test_however_many_begin_the_work_is_done_once():
    data = soh("|95=1|96=a" * 20_000 + "|10=0|")
    ends = EarlyEnds(data)
    where = len(data) - 6
    assert {ends.first(pos) for pos in range(0, len(data) - 6, 10)} == {where}

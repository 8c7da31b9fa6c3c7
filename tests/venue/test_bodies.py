from __future__ import annotations

import pytest

from fixgate.venue.bodies import value_of, with_value
from tests.fixtext import soh

BODY = soh("11=A|14=0|111=B|37=|60=old|")


@pytest.mark.parametrize(
    ("tag", "value"), [(11, b"A"), (14, b"0"), (111, b"B"), (37, b""), (1, None), (7, None)]
)
def test_a_value_is_found_by_its_whole_tag(tag: int, value: bytes | None):
    assert value_of(BODY, tag) == value


def test_a_value_is_replaced_in_its_place():
    assert with_value(BODY, 60, b"new") == soh("11=A|14=0|111=B|37=|60=new|")
    assert with_value(BODY, 11, b"longer") == soh("11=longer|14=0|111=B|37=|60=old|")
    assert with_value(BODY, 52, b"new") == BODY
    assert with_value(b"", 52, b"new") == b""

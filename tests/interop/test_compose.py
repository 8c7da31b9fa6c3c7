from __future__ import annotations

import pytest

from fixgate.errors import FixgateError
from fixgate.interop.compose import body_fields
from tests.interop.rig import body


def test_fields_come_one_by_one_and_in_order():
    fields = body_fields(body("11=a|453=2|448=x|447=D|448=y|447=D|58=b=c|"))
    assert fields == (
        (11, "a"), (453, "2"), (448, "x"), (447, "D"), (448, "y"), (447, "D"), (58, "b=c"),
    )  # fmt: skip


def test_a_data_field_may_hold_anything():
    assert body_fields(b"95=3\x0196=a\x01\xe9\x01") == ((95, "3"), (96, "a\x01\xe9"))


def test_what_is_no_body_is_said():
    with pytest.raises(FixgateError, match="not the body of a message"):
        body_fields(b"11\x01")

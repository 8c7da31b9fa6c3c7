"""What two messages say of whether an order rested; the rest of the table is in test_pairing."""

from __future__ import annotations

import pytest

from fixgate.sampling.questions import can_rest
from fixgate.wire import Message, decode
from tests.fixtext import fix


def message(body: str) -> Message:
    found = decode(fix(body))
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(
    ("order", "report", "resting"),
    [
        ("40=2|59=0", "150=F", True),
        ("40=2", "150=F", True),
        ("40=2|59=3", "150=F", False),
        ("40=2|59=4", "150=F", False),
        ("40=1|59=0", "150=F", False),
        ("40=2|59=0", "150=F|851=2", False),
        ("40=2|59=0", "150=F|1057=Y", False),
    ],
)
def test_whether_an_order_can_have_rested(order, report, resting):
    assert can_rest(message(f"35=D|11=a|{order}"), message(f"35=8|11=a|{report}")) is resting

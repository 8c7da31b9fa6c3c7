from __future__ import annotations

from decimal import Decimal

import pytest

from fixgate.dictionary import FixVersion, load_dictionary
from fixgate.health.model import OrderPlan
from fixgate.health.order_body import cancel_body, order_body

NOW_NS = 1_795_336_200_000_000_000
PLAN = OrderPlan("ABC", "1", Decimal("10"), Decimal("1.50"), account="A1")


def shown(body: bytes) -> str:
    return body.replace(b"\x01", b"|").decode("ascii")


def test_order_of_fix_44():
    assert shown(order_body(PLAN, FixVersion.FIX44, b"FG1", NOW_NS)) == (
        "11=FG1|1=A1|55=ABC|54=1|60=20261122-08:30:00.000|38=10|40=2|44=1.50|59=0|"
    )


def test_cancel_of_fix_40():
    assert shown(cancel_body(PLAN, FixVersion.FIX40, b"C", b"O", NOW_NS, order_id=b"X")) == (
        "41=O|37=X|11=C|125=F|55=ABC|54=1|38=10|"
    )


@pytest.mark.parametrize("version", list(FixVersion))
def test_required_fields_of_every_version_are_there_and_no_unknown_one(version):
    dictionary = load_dictionary(version.value)
    for msg_type, body in (
        (b"D", order_body(PLAN, version, b"O", NOW_NS)),
        (b"F", cancel_body(PLAN, version, b"C", b"O", NOW_NS)),
    ):
        sent = {int(field.split("=")[0]) for field in shown(body).split("|") if field}
        members = dictionary.messages[msg_type].members
        assert {m.tag for m in members if m.required} <= sent
        # FIX 4.1 has no Account(1) in a cancel; nothing is sent that a version does not know.
        assert sent <= {m.tag for m in members} | {1}

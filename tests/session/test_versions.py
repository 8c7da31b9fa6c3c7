"""What the versions of FIX do differently, with the habits of QuickFIX where it decides.

Spec: FIX 4.0, FIX 4.1; FIX Session Layer Test Cases 1.0, cases 14 and 18.
"""

from __future__ import annotations

import pytest

from fixgate.session.dialect import QUICKFIX, STANDARD, Dialect
from fixgate.session.settings import Role
from tests.session.rig import Rig

OLD = pytest.mark.parametrize("begin", ["FIX.4.0", "FIX.4.1"])
BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
TIMED = "55=ABC|60=20260302-09:00:00"


@BOTH
@OLD
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"11=A|21=1|38=5|40=1|54=1|{TIMED}", "Tag not defined for this message type (60)"),
        (
            f"11=A|21=4|38=5|40=1|54=1|{TIMED}",
            "Value is incorrect (out of range) for this tag (21)",
        ),
        (f"11=A|21=1|38=+5|40=1|54=1|{TIMED}", "Incorrect data format for value (38)"),
        ("11=A|21=1|38=5|40=1|54=1|60=20260302-09:00:00", "Required tag missing (55)"),
        (f"11=A|21=1|38=5|40=1|{TIMED}|34=2", "Tag specified out of required order (34)"),
    ],
)
def test_an_order_of_later_versions_is_told_its_first_fault(
    role: Role, begin: str, body: str, text: str
):
    rig = Rig(role, begin, dialect=QUICKFIX).log_on()
    number = "" if "|34=" in body else "|34=2"
    rig.rx(f"35=D{number}|{body}")
    assert rig.tx() == [f"35=3|34=2|45=2|58={text}"]


@BOTH
@pytest.mark.parametrize("dialect", [STANDARD, QUICKFIX], ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("begin", "routed"),
    [
        ("FIX.4.0", "128=JCD|129=CS"),
        ("FIX.4.1", "128=JCD|129=CS|145=CHI"),
        ("FIX.4.4", "128=JCD|129=CS|145=CHI"),
    ],
)
def test_18_locations_are_reversed_where_the_version_has_them(
    role: Role, dialect: Dialect, begin: str, routed: str
):
    rig = Rig(role, begin, dialect=dialect).log_on()
    rig.rx("35=0|34=2|115=JCD|116=CS|144=CHI|999=1")
    (reject,) = rig.tx()
    assert reject.startswith(f"35=3|34=2|{routed}|45=2|58=")


@BOTH
@pytest.mark.parametrize(("allowed", "answer"), [(True, "35=0|34=2|112="), (False, None)])
def test_14d_an_empty_text_where_it_is_allowed(role: Role, allowed: bool, answer: str | None):
    rig = Rig(role, allow_empty_values=allowed).log_on()
    rig.rx("35=1|34=2|112=")
    assert rig.tx() == [
        answer or "35=3|34=2|45=2|58=TestReqID(112) has no value|371=112|372=1|373=4"
    ]

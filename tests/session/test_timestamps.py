"""SendingTime(52) in every precision, sent and received, in both roles.

Spec: FIX 5.0 SP2, datatype UTCTimestamp: whole seconds, or 3, 6, 9 or 12 digits after them.
"""

from __future__ import annotations

import pytest

from fixgate.session.settings import Role
from tests.session.rig import Rig

BOTH = pytest.mark.parametrize("role", Role)
FRACTIONS = {0: "", 3: ".123", 6: ".123456", 9: ".123456789", 12: ".123456789000"}
PRECISIONS = pytest.mark.parametrize("digits", FRACTIONS)
MOMENT = 123_456_789


@BOTH
@PRECISIONS
def test_sent_as_configured(role: Role, digits: int):
    rig = Rig(role, timestamp_digits=digits).log_on()
    rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns + MOMENT)
    (fields,) = rig.whole()
    assert f"52=20260302-09:00:00{FRACTIONS[digits]}" in fields


@BOTH
@PRECISIONS
def test_so_is_what_is_sent_again(role: Role, digits: int):
    rig = Rig(role, timestamp_digits=digits).log_on()
    rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns + MOMENT)
    rig.tx()
    rig.seconds += 7
    rig.rx("35=2|34=2|7=1|16=0")
    gap, again = rig.whole()
    zeros = FRACTIONS[digits] and "." + "0" * digits
    assert f"52=20260302-09:00:07{zeros}" in gap
    assert f"122=20260302-09:00:07{zeros}" in gap
    assert f"52=20260302-09:00:07{zeros}" in again
    assert f"122=20260302-09:00:00{FRACTIONS[digits]}" in again


@BOTH
@pytest.mark.parametrize(
    ("begin", "sent"), [("FIX.4.0", ""), ("FIX.4.1", ""), ("FIX.4.2", ".000"), ("FIX.4.4", ".000")]
)
def test_by_default_the_versions_own(role: Role, begin: str, sent: str):
    rig = Rig(role, begin).log_on()
    rig.rx("35=1|34=2|112=x")
    (fields,) = rig.whole()
    assert f"52=20260302-09:00:00{sent}" in fields


@BOTH
@PRECISIONS
@pytest.mark.parametrize("begin", ["FIX.4.0", "FIX.4.2", "FIX.4.4", "FIXT.1.1"])
def test_received_in_any(role: Role, begin: str, digits: int):
    rig = Rig(role, begin, "9" if begin == "FIXT.1.1" else None).log_on()
    rig.rx(f"35=1|34=2|52=20260302-09:00:00{FRACTIONS[digits]}|112=x")
    assert rig.tx() == ["35=0|34=2|112=x"]
    assert rig.events == []


@BOTH
@pytest.mark.parametrize("fraction", [".1", ".12", ".1234", ".12345", ".", ".abc", ",123"])
def test_no_other_is_a_timestamp(role: Role, fraction: str):
    rig = Rig(role).log_on()
    rig.rx(f"35=1|34=2|52=20260302-09:00:00{fraction}|112=x")
    (reject,) = rig.tx()
    assert reject.startswith("35=3|34=2|45=2|")
    assert reject.endswith("|371=52|372=1|373=6")


@BOTH
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("-", 1),
        ("", 4),
        ("20260302", 6),
        ("20260302-24:00:00", 6),
        ("20260302-09:00:60", 6),
        ("20010101-12:34:60", 6),
        ("00000302-09:00:00", 6),
        ("100000302-09:00:00", 6),
        ("20260229-09:00:00", 6),
        ("19700101-00:00:00", 10),
        ("99991231-23:59:59.999", 10),
        ("20260302-23:59:60", 10),
    ],
)
def test_what_is_no_time_or_not_now_is_rejected(role: Role, value: str, reason: int):
    """Left out, without a value, at no instant; and at one that is not near ours."""
    rig = Rig(role).log_on()
    rig.rx(f"35=1|34=2|52={value}|112=x")
    reject, *logout = rig.tx()
    assert reject.startswith("35=3|34=2|45=2|58=SendingTime(52)")
    assert reject.endswith(f"|371=52|372=1|373={reason}")
    assert len(logout) == (reason == 10)
    assert rig.store.next_in == 3


@BOTH
@PRECISIONS
def test_a_logon_in_any(role: Role, digits: int):
    rig = Rig(role).connect()
    rig.rx(f"35=A|34=1|52=20260302-09:00:00{FRACTIONS[digits]}|98=0|108=30")
    assert rig.tx() == ["35=A|34=1|98=0|108=30"]


@BOTH
@pytest.mark.parametrize(
    ("original", "sent", "taken"),
    [
        ("09:00:00.500", "09:00:00", True),
        ("09:00:00.500001", "09:00:00.500", True),
        ("09:00:00", "09:00:00.123456789", True),
        ("09:00:01.500", "09:00:00", False),
        ("09:00:00.501000", "09:00:00.500", False),
        ("09:00:00.501", "09:00:00.500999", False),
    ],
)
def test_2f_of_two_precisions_the_coarser_decides(
    role: Role, original: str, sent: str, taken: bool
):
    """A peer that writes 52 more coarsely than it once did is not before its own 122."""
    rig = Rig(role).log_on()
    rig.rx(f"35=1|34=2|43=Y|52=20260302-{sent}|122=20260302-{original}|112=x")
    first = rig.tx()[0]
    assert first.startswith("35=0|" if taken else "35=3|")

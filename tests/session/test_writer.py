from __future__ import annotations

import pytest

from fixgate.session.settings import Role
from tests.session.rig import Rig

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


@BOTH
@pytest.mark.parametrize(
    ("moved_s", "sent"), [(5, "20260302-09:00:05.000"), (-5, "20260302-09:00:00.000")]
)
def test_8_a_clock_set_back_is_no_reason_to_refuse_what_is_sent_again(
    role: Role, moved_s: int, sent: str
):
    """Case 2.f: whoever reads an OrigSendingTime(122) after SendingTime(52) must refuse it."""
    rig = Rig(role).log_on()
    rig.session.send(b"B", b"148=x\x01", rig.now_ns)
    rig.tx()
    rig.seconds += moved_s
    rig.rx("35=2|34=2|7=2|16=2")
    (again,) = rig.whole()
    assert f"52={sent}" in again
    assert "122=20260302-09:00:00.000" in again

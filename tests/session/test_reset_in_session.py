"""ResetSeqNumFlag(141)=Y while the session is active.

Spec: FIX 4.4 volume 2, "Logon", "Use of ResetSeqNumFlag".
"""

from __future__ import annotations

import pytest

from fixgate.session.settings import Role
from tests.session.rig import Rig, violation

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


@BOTH
@pytest.mark.parametrize("number", [2, 9])
def test_it_has_number_1(role: Role, number: int):
    rig = Rig(role).log_on()
    rig.rx(f"35=A|34={number}|98=0|108=30|141=Y")
    assert rig.tx() == [
        f"35=5|34=2|58=MsgSeqNum(34) must be 1 with ResetSeqNumFlag(141)=Y: received {number}"
    ]
    assert violation(rig).rule == "reset-not-at-one"
    assert rig.store.next_out == 3


@BOTH
def test_it_ends_a_resend_of_what_was_before(role: Role):
    rig = Rig(role).log_on()
    for _ in range(2000):
        rig.session.send(b"B", b"148=%b\x01" % (b"x" * 100), rig.now_ns)
    rig.session.output()
    rig.rx("35=2|34=2|7=1|16=0")
    assert rig.session.resending
    rig.tx()
    rig.rx("35=A|34=1|98=0|108=30|141=Y")
    assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
    assert not rig.session.resending
    rig.session.continue_resend(rig.now_ns)
    assert rig.tx() == []

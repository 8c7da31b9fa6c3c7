"""The end of the sequence numbers. Spec: none; QuickFIX/J 621, Artio 480 and venues' own."""

from __future__ import annotations

import pytest

from fixgate.session.events import LogonRefused, NumbersRunLow, SequenceReset
from fixgate.session.phase import Phase
from fixgate.session.policies import NumberingPolicy
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig

BOTH = pytest.mark.parametrize("role", Role)
HIGHEST = 20_000
NEWS = b"148=x\x0133=1\x0158=x\x01"


def near(role: Role, next_out: int, **changes: object) -> Rig:
    """A session whose next number is ``next_out``, the last one 20,000."""
    store = MemoryStore(next_out=next_out)
    return Rig(role, store=store, numbering=NumberingPolicy(highest=HIGHEST), **changes)


@BOTH
def test_the_last_number_is_the_logouts(role: Role):
    rig = near(role, HIGHEST - 3).log_on()
    for _ in range(2):
        rig.session.send(b"B", NEWS, rig.now_ns)
    assert rig.tx() == [
        "35=B|34=19998|148=x|33=1|58=x",
        "35=B|34=19999|148=x|33=1|58=x",
        "35=5|34=20000|58=MsgSeqNum(34) 20000 is the last; numbers have to restart",
    ]
    assert rig.session.phase is Phase.LOGOUT_SENT
    # What comes for the peer now waits in the store, for numbers that can be sent.
    rig.session.send(b"B", NEWS, rig.now_ns)
    assert rig.tx() == []


@BOTH
@pytest.mark.parametrize("ours", [True, False], ids=["ours", "theirs"])
def test_a_logout_with_the_last_number_but_one_is_the_only_one(role: Role, ours: bool):
    rig = near(role, HIGHEST - 2).log_on()
    if ours:
        rig.session.logout("bye", rig.now_ns)
    else:
        rig.rx("35=5|34=2")
    assert rig.tx() == ["35=5|34=19999|58=bye" if ours else "35=5|34=19999"]
    assert rig.session.phase is Phase.LOGOUT_SENT


@BOTH
def test_a_reject_with_the_last_number_but_one_brings_its_logout(role: Role):
    rig = near(role, HIGHEST - 2).log_on()
    rig.rx("35=0|34=2|49=SOMEBODY")
    reject, logout = rig.tx()
    assert reject.startswith("35=3|34=19999|45=2|58=SenderCompID(49): ")
    assert logout.startswith("35=5|34=20000|58=MsgSeqNum(34) 20000 is the last;")
    assert rig.session.phase is Phase.LOGOUT_SENT


@BOTH
def test_it_is_told_a_thousand_numbers_before(role: Role):
    rig = near(role, HIGHEST - 1001).log_on()
    rig.session.send(b"B", NEWS, rig.now_ns)
    rig.session.send(b"B", NEWS, rig.now_ns)
    rig.rx("35=0|34=2")
    assert [event for event in rig.events if isinstance(event, NumbersRunLow)] == [
        NumbersRunLow(1000, HIGHEST)
    ]
    assert rig.session.phase is Phase.ACTIVE


@BOTH
def test_nobody_logs_on_before_the_numbers_restart(role: Role):
    rig = near(role, HIGHEST - 1).connect()
    if role is Role.ACCEPTOR:
        rig.rx("35=A|34=1|98=0|108=30")
    assert rig.tx() == []
    assert rig.session.wants_close
    refused = [r.what for r in rig.history if isinstance(r.what, LogonRefused)]
    assert [(each.by_peer, each.text) for each in refused] == [
        (False, "MsgSeqNum(34) 19998 was used and 20000 is the last; restart the numbers")
    ]
    assert rig.store.next_out == HIGHEST - 1


def test_a_logon_that_restarts_them_is_taken():
    rig = near(Role.ACCEPTOR, HIGHEST + 5).connect()
    rig.rx("35=A|34=1|98=0|108=30|141=Y")
    assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
    assert any(isinstance(event, SequenceReset) for event in rig.events)


def test_a_logon_of_ours_that_restarts_them_is_sent():
    rig = near(Role.INITIATOR, HIGHEST + 5, reset_on_logon=True).connect()
    assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]


@BOTH
def test_numbers_of_64_bits_do_not_wrap(role: Role):
    rig = Rig(role, store=MemoryStore(next_out=(1 << 63) - 3)).log_on()
    rig.session.send(b"B", NEWS, rig.now_ns)
    (news, logout) = rig.tx()
    assert news.startswith("35=B|34=9223372036854775806|")
    assert logout.startswith("35=5|34=9223372036854775807|")

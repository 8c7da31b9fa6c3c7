"""How much garbled input is put up with. Spec: cases 2.d, 2.m, 3.b, 3.c; the limits are ours."""

from __future__ import annotations

import pytest

from fixgate.session.events import GarbledInput, LogonRefused, Reaction, Violation
from fixgate.session.phase import Phase
from fixgate.session.policies import GarbledEnd, GarbledPolicy
from fixgate.session.settings import Role
from tests.fixtext import fix
from tests.session.rig import Rig, kinds, violation

BOTH = pytest.mark.parametrize("role", Role)
CLOSE = GarbledEnd.CLOSE


def bad_sum(rig: Rig) -> bytes:
    data = rig.build("35=0|34=2")
    return data[:-4] + (b"000\x01" if data[-4:] != b"000\x01" else b"001\x01")


def bad_length(rig: Rig) -> bytes:
    return rig.build("35=0|34=2").replace(b"\x019=", b"\x019=1")


def bad_tag(rig: Rig) -> bytes:
    return fix(f"35=0|34=2|4garbled9=TRADER|52={rig.time()}|56=EXCH")


def once(rig: Rig, data: bytes, number: int = 2) -> None:
    """Garbage, and a sound message behind it, so that its end is known."""
    rig.raw(data + rig.build(f"35=0|34={number}"))


@BOTH
@pytest.mark.parametrize("broken", [bad_sum, bad_length, bad_tag])
class TestByDefault:
    def test_any_amount_is_ignored(self, role: Role, broken):
        rig = Rig(role).log_on()
        for number in range(2, 52):
            once(rig, broken(rig), number)
        assert {type(event) for event in rig.events} >= {GarbledInput}
        assert Violation not in kinds(rig.events)
        assert rig.tx() == []
        assert rig.store.next_in == 52

    def test_what_was_skipped_may_hold_a_secret_and_is_in_no_repr(self, role: Role, broken):
        rig = Rig(role).log_on()
        once(rig, b"554=hunter2\x01" + broken(rig))
        assert any(b"hunter2" in e.data for e in rig.events if isinstance(e, GarbledInput))
        assert "hunter2" not in repr(rig.events)

    def test_nor_does_a_limit_touch_what_is_below_it(self, role: Role, broken):
        rig = Rig(role, garbled=GarbledPolicy(limit=1)).log_on()
        once(rig, broken(rig))
        assert rig.tx() == []
        assert rig.session.phase is Phase.ACTIVE


@BOTH
class TestLimit:
    def test_one_more_ends_in_a_logout_that_says_why(self, role: Role):
        rig = Rig(role, garbled=GarbledPolicy(limit=2)).log_on()
        for number in (2, 3):
            once(rig, bad_tag(rig), number)
        assert rig.tx() == []
        once(rig, bad_tag(rig), 4)
        (logout,) = rig.tx()
        assert logout.startswith(
            "35=5|34=2|58=garbled input 3 times, at most 2 put up with; the last: "
        )
        assert (violation(rig).rule, violation(rig).reaction) == ("garbled", Reaction.LOGOUT)
        assert not rig.session.wants_close
        rig.rx("35=5|34=4")
        assert rig.session.wants_close

    def test_or_in_a_close_without_a_word(self, role: Role):
        rig = Rig(role, garbled=GarbledPolicy(limit=0, then=CLOSE)).log_on()
        once(rig, bad_tag(rig))
        assert rig.tx() == []
        assert violation(rig).reaction is Reaction.CLOSED
        assert rig.session.wants_close
        assert rig.store.next_in == 2, "what follows is not read any more"

    def test_a_new_connection_begins_at_none(self, role: Role):
        rig = Rig(role, garbled=GarbledPolicy(limit=1)).log_on()
        once(rig, bad_tag(rig))
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.rx("35=A|34=3|98=0|108=30")
        rig.tx()
        once(rig, bad_tag(rig), 4)
        assert rig.tx() == []

    def test_more_of_the_same_after_our_logout_closes(self, role: Role):
        rig = Rig(role, garbled=GarbledPolicy(limit=0)).log_on()
        rig.session.logout("", rig.now_ns)
        rig.tx()
        once(rig, bad_tag(rig))
        assert rig.session.wants_close

    def test_a_message_cut_off_by_the_end_of_the_connection_is_none_of_it(self, role: Role):
        rig = Rig(role, garbled=GarbledPolicy(limit=0)).log_on()
        rig.raw(rig.build("35=0|34=2")[:30])
        events = rig.session.disconnected(rig.now_ns)
        assert GarbledInput in kinds(events)
        assert Violation not in kinds(events)
        assert rig.store.next_out == 2


@BOTH
@pytest.mark.parametrize("broken", [bad_sum, bad_length])
class TestBadSum:
    def test_it_may_end_the_session_at_once(self, role: Role, broken):
        rig = Rig(role, garbled=GarbledPolicy(bad_sum_ends=True)).log_on()
        once(rig, broken(rig))
        (logout,) = rig.tx()
        assert logout.startswith("35=5|34=2|58=garbled input: ")
        assert ("BodyLength(9)" in logout) or ("CheckSum(10)" in logout)

    def test_or_close_it(self, role: Role, broken):
        rig = Rig(role, garbled=GarbledPolicy(bad_sum_ends=True, then=CLOSE)).log_on()
        once(rig, broken(rig))
        assert rig.tx() == []
        assert rig.session.wants_close


@BOTH
def test_other_garbage_has_no_bad_sum(role: Role):
    rig = Rig(role, garbled=GarbledPolicy(bad_sum_ends=True)).log_on()
    once(rig, bad_tag(rig))
    assert rig.tx() == []


def test_an_initiator_that_waits_for_its_logon():
    for then in GarbledEnd:
        rig = Rig(Role.INITIATOR, garbled=GarbledPolicy(limit=0, then=then)).connect()
        rig.tx()
        once(rig, bad_tag(rig))
        assert [text[:4] for text in rig.tx()] == ["35=5"] * (then is GarbledEnd.LOGOUT)
        assert kinds(rig.events) == [GarbledInput, Violation, LogonRefused]
        assert rig.session.wants_close


def test_an_acceptor_closes_at_garbage_in_place_of_a_logon_whatever_it_puts_up_with():
    rig = Rig(garbled=GarbledPolicy(limit=9)).connect()
    once(rig, bad_tag(rig))
    assert rig.tx() == []
    assert rig.session.wants_close

"""What `dialect: quickfix` does where the standard does something else, side by side."""

from __future__ import annotations

import pytest

from fixgate.session.dialect import QUICKFIX, STANDARD, Dialect
from fixgate.session.events import GarbledInput, LoggedOut
from fixgate.session.settings import Role
from tests.session.rig import Rig, kinds

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


def told(role: Role, dialect: Dialect, *received: str) -> list[str]:
    """What a session that has sent one message of its own answers."""
    rig = Rig(role, dialect=dialect).log_on()
    rig.session.send(b"B", b"148=x\x01", rig.now_ns)
    rig.rx("35=0|34=2")
    rig.tx()
    rig.rx(*received)
    return rig.tx()


@BOTH
def test_a_low_resend_request_is_served(role: Role):
    request = "35=2|34=1|7=2|16=2"
    low = "35=5|34=3|58=MsgSeqNum too low, expecting 3 but received 1"
    assert told(role, STANDARD, request) == [low]
    (again,) = told(role, QUICKFIX, request)
    assert again.startswith("35=B|34=2|43=Y|122=")


@BOTH
def test_a_low_logout_is_confirmed(role: Role):
    low = "35=5|34=3|58=MsgSeqNum too low, expecting 3 but received 1"
    assert told(role, STANDARD, "35=5|34=1") == [low]
    assert told(role, QUICKFIX, "35=5|34=1") == ["35=5|34=3"]


@BOTH
def test_a_high_logout_is_confirmed(role: Role):
    assert told(role, STANDARD, "35=5|34=9") == ["35=2|34=3|7=3|16=0"]
    assert told(role, QUICKFIX, "35=5|34=9") == ["35=5|34=3"]


@BOTH
@pytest.mark.parametrize(
    ("dialect", "number"), [(STANDARD, 3), (QUICKFIX, 2)], ids=["standard", "quickfix"]
)
def test_garbled_input_ends_at_the_next_checksum(role: Role, dialect: Dialect, number: int):
    """A length that is too long swallows the next message in one of them."""
    rig = Rig(role, dialect=dialect).log_on()
    whole = rig.build("35=0|34=2")
    rig.raw(whole.replace(b"9=", b"9=1", 1) + rig.build("35=0|34=2") + rig.build("35=0|34=9"))
    rig.events += rig.session.disconnected(rig.now_ns)
    assert GarbledInput in kinds(rig.events)
    assert rig.store.next_in == number


@BOTH
def test_a_high_logout_counts_for_nothing_and_ends_the_session(role: Role):
    rig = Rig(role, dialect=QUICKFIX).log_on()
    assert rig.rx("35=5|34=9|58=bye") == [LoggedOut(by_peer=True, clean=True, text="bye")]
    assert rig.session.wants_close
    assert rig.store.next_in == 2

"""No password stands in a store, whatever the message that carried it."""

from __future__ import annotations

import pytest

from fixgate.session.conceal import conceal
from fixgate.session.events import AppMessage, HeartbeatReceived
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.fixtext import fix, soh
from tests.session.rig import Rig, kinds

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)


class Kept(MemoryStore):
    """Remembers what it was given to keep."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = b""

    def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
        self.kept += message
        super().sent(seq_num, message, now_ns)

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        self.kept += message
        super().received(next_in, message, now_ns)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("35=A|553=me|554=hunter2|", "35=A|553=me|554=*******|"),
        ("35=A|554=hunter2|925=hunter3|", "35=A|554=*******|925=*******|"),
        ("35=A|95=5|96=hu|er|1401=3|1402=h|t|", "35=A|95=5|96=*****|1401=3|1402=***|"),
        ("35=A|1403=2|1404=hu|58=hunter2|", "35=A|1403=2|1404=**|58=hunter2|"),
        ("35=BE|923=1|924=3|554=hunter2|925=x|", "35=BE|923=1|924=3|554=*******|925=*|"),
        ("35=D|554=hunter2|11=a|", "35=D|554=*******|11=a|"),
        # Each of several, one behind the other and not.
        ("35=A|554=one|554=one|58=x|554=three|", "35=A|554=***|554=***|58=x|554=*****|"),
        ("35=A|554=a|b|58=x|", "35=A|554=***|58=x|"),
        # RawData(96) is a signature in a Logon only; in News it is what it says.
        ("35=B|148=x|95=3|96=abc|", "35=B|148=x|95=3|96=abc|"),
        ("35=B|148=554=x|58=a|", "35=B|148=554=x|58=a|"),
    ],
)  # fmt: skip
def test_secrets_are_overwritten_and_nothing_else(body: str, kept: str):
    raw = fix(body)
    head, tail = raw[: raw.index(b"35=")], raw[-7:]
    assert conceal(raw) == head + soh(kept) + tail


@pytest.mark.parametrize("raw", [b"", b"554=hunter2\x01", fix("35=A|554=x")[:-1]])
def test_what_is_no_message_stays_as_it_is(raw: bytes):
    assert conceal(raw) == raw


@BOTH
def test_a_user_request_is_an_application_message_with_a_password(role: Role):
    rig = Rig(role, store=Kept()).log_on()
    events = rig.rx("35=BE|34=2|923=1|924=3|553=desk|554=hunter2|925=hunter3")
    assert kinds(events) == [AppMessage]
    assert rig.store.next_in == 3
    assert b"hunter" not in rig.store.kept
    assert soh("|553=desk|554=*******|925=*******|") in rig.store.kept


@BOTH
def test_one_that_waited_for_its_turn(role: Role):
    rig = Rig(role, store=Kept()).log_on()
    rig.rx("35=BE|34=3|923=1|924=1|553=desk|554=hunter2", "35=0|34=2|43=Y|122={t}")
    assert rig.store.next_in == 4
    assert b"hunter" not in rig.store.kept


@BOTH
@pytest.mark.parametrize(
    "message", ["35=0|34=2", "35=1|34=2|112=x", "35=D|34=2|11=a", "35=zz|34=2"]
)
def test_a_password_where_none_belongs_is_rejected_and_not_kept(role: Role, message: str):
    rig = Rig(role, store=Kept()).log_on()
    rig.rx(f"{message}|554=hunter2")
    (reject,) = rig.tx()
    assert reject.startswith("35=3|34=2|45=2|")
    assert rig.store.next_in == 3
    assert b"hunter" not in rig.store.kept
    assert b"\x01554=*******\x01" in rig.store.kept


def test_nor_is_it_by_a_prober_that_takes_the_message_all_the_same():
    rig = Rig(Role.INITIATOR, store=Kept(), observe=True).log_on()
    rig.rx("35=0|34=2|554=hunter2")
    assert HeartbeatReceived(None) in rig.events
    assert b"hunter" not in rig.store.kept

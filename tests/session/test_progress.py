"""LastMsgSeqNumProcessed(369) in the header of what we send.

Spec: FIX 4.2 volume 1, "Standard Message Header". The acceptor's transcript follows QuickFIX/Go's
definition LastProcessedMsgSeqNum.
"""

from __future__ import annotations

import pytest

from fixgate.session.policies import NumberingPolicy
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig, order

ON = NumberingPolicy(last_processed=True)
BOTH = pytest.mark.parametrize("role", Role)


def test_an_acceptor_has_taken_what_it_answers():
    rig = Rig(numbering=ON, begin="FIXT.1.1", appl_ver_id="9").connect()
    rig.rx("35=A|34=1|369=0|98=0|108=2|1137=9", "35=1|34=2|369=1|112=HELLO")
    assert rig.tx() == ["35=A|34=1|369=1|98=0|108=2|1137=9", "35=0|34=2|369=2|112=HELLO"]
    rig.rx("35=0|34=3|369=2", "35=0|34=4|369=2")
    rig.after(2)
    assert rig.tx() == ["35=0|34=3|369=4"]
    rig.rx("35=5|34=5|369=3")
    assert rig.tx() == ["35=5|34=4|369=5"]


def test_where_it_stands_in_the_header():
    rig = Rig(Role.INITIATOR, store=MemoryStore(next_in=42), numbering=ON)
    (fields,) = rig.connect().whole()
    assert fields == [
        "8=FIX.4.4",
        "9=72",
        "35=A",
        "34=1",
        "49=EXCH",
        "52=20260302-09:00:00.000",
        "56=TRADER",
        "369=41",
        "98=0",
        "108=30",
        "10=022",
    ]


@BOTH
def test_what_waits_behind_a_gap_is_not_processed(role: Role):
    rig = Rig(role, numbering=ON).log_on()
    rig.rx("35=0|34=5")
    assert rig.tx() == ["35=2|34=2|369=1|7=2|16=0"]
    rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns)
    assert rig.tx() == ["35=B|34=3|369=1|148=x|33=1|58=x"]


@BOTH
def test_a_reject_counts_what_it_rejects(role: Role):
    rig = Rig(role, numbering=ON).log_on()
    rig.rx("35=0|34=2|999=x")
    assert rig.tx()[0].startswith("35=3|34=2|369=2|")


@BOTH
def test_what_is_sent_again_keeps_its_own(role: Role):
    rig = Rig(role, numbering=ON).log_on()
    rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns)
    rig.tx()
    rig.rx("35=0|34=2", "35=2|34=3|7=1|16=0")
    t = "20260302-09:00:00.000"
    assert rig.tx() == [
        f"35=4|34=1|43=Y|122={t}|369=3|36=2|123=Y",
        f"35=B|34=2|43=Y|122={t}|369=1|148=x|33=1|58=x",
    ]


@BOTH
def test_extra_header_fields_stay_in_order(role: Role):
    rig = Rig(role, numbering=ON).log_on()
    rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns, ((97, b"Y"), (1128, b"9")))
    assert rig.tx() == ["35=B|34=2|97=Y|369=1|1128=9|148=x|33=1|58=x"]


@BOTH
def test_a_reset_begins_at_0_again(role: Role):
    rig = Rig(role, numbering=ON).log_on()
    rig.rx("35=0|34=2", "35=A|34=1|98=0|108=30|141=Y")
    assert rig.tx() == ["35=A|34=1|369=1|98=0|108=30|141=Y"]


@pytest.mark.parametrize("begin", ["FIX.4.0", "FIX.4.1"])
@BOTH
def test_versions_that_do_not_have_it(role: Role, begin: str):
    rig = Rig(role, begin, numbering=ON).log_on()
    rig.rx("35=1|34=2|112=x")
    assert rig.tx() == ["35=0|34=2|112=x"]


@BOTH
def test_not_said_unless_asked_for(role: Role):
    rig = Rig(role).log_on()
    rig.rx("35=1|34=2|369=1|112=x", order(3))
    assert rig.tx() == ["35=0|34=2|112=x"]

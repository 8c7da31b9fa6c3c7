"""SessionStatus(1409) on Logouts and Logons: the right value for each reason, where it is told.

Spec: FIXT 1.1, "Logout": Text(58), SessionStatus(1409).
"""

from __future__ import annotations

from datetime import time

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.session.logon_options import LogonOptions
from fixgate.session.schedule import Schedule
from fixgate.session.settings import Credentials, Role
from fixgate.session.status import SessionStatus, StatusPolicy, tells
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig

TOLD = LogonOptions(status=StatusPolicy.STANDARD)
ALWAYS = LogonOptions(status=StatusPolicy.ALWAYS)
LOGON = "35=A|34=1|98=0|108=30|1137=9"


def fixt(role: Role = Role.ACCEPTOR, logon: LogonOptions = TOLD, **changes: object) -> Rig:
    return Rig(role, "FIXT.1.1", "9", logon=logon, **changes)


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
class TestLogouts:
    def test_our_own_is_complete(self, role: Role):
        rig = fixt(role).log_on()
        rig.session.logout("good night", rig.now_ns)
        assert rig.tx() == ["35=5|34=2|58=good night|1409=4"]

    def test_the_answer_to_the_peers_is_complete(self, role: Role):
        rig = fixt(role).log_on()
        rig.rx("35=5|34=2")
        assert rig.tx() == ["35=5|34=2|1409=4"]

    def test_the_end_of_the_hours_is_complete(self, role: Role):
        rig = fixt(role, schedule=Schedule(time(8), time(9, 1))).log_on()
        rig.after(60)
        logout = rig.tx()[-1]
        assert logout.startswith("35=5|")
        assert logout.endswith("|1409=4")

    def test_a_number_too_low_has_no_standard_value(self, role: Role):
        rig = fixt(role).log_on()
        rig.rx("35=0|34=1")
        assert rig.tx() == ["35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1"]

    def test_a_number_too_low_is_told_by_who_always_tells(self, role: Role):
        rig = fixt(role, ALWAYS).log_on()
        rig.rx("35=0|34=1")
        assert rig.tx() == ["35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1|1409=9"]

    def test_other_reasons_have_none(self, role: Role):
        rig = fixt(role, ALWAYS).log_on()
        rig.rx("35=0|34=2|49=OTHER")
        assert "1409=" not in rig.tx()[-1]

    def test_nothing_is_told_by_default(self, role: Role):
        rig = fixt(role, LogonOptions()).log_on()
        rig.rx("35=5|34=2")
        assert rig.tx() == ["35=5|34=2"]

    def test_before_fixt_only_who_always_tells_does(self, role: Role):
        rig = Rig(role, logon=TOLD).log_on()
        rig.rx("35=5|34=2")
        assert rig.tx() == ["35=5|34=2"]
        rig = Rig(role, logon=ALWAYS).log_on()
        rig.rx("35=5|34=2")
        assert rig.tx() == ["35=5|34=2|1409=4"]


class TestRefusedLogons:
    def test_a_wrong_password(self):
        rig = fixt(credentials=Credentials("me", "pw")).connect()
        rig.rx(f"{LOGON}|553=me|554=no")
        assert rig.tx() == ["35=5|34=1|58=Username(553) or Password(554) not accepted|1409=5"]

    def test_out_of_hours(self):
        rig = fixt(schedule=Schedule(time(10), time(11))).connect()
        rig.rx(LOGON)
        (logout,) = rig.tx()
        assert logout.startswith("35=5|34=1|58=the session is closed; it opens ")
        assert logout.endswith("|1409=7")

    def test_a_number_too_low(self):
        rig = fixt(logon=ALWAYS, store=MemoryStore(next_in=5)).connect()
        rig.rx(LOGON)
        assert rig.tx() == ["35=5|34=1|58=MsgSeqNum too low, expecting 5 but received 1|1409=9"]

    def test_anything_else_has_none(self):
        rig = fixt(logon=ALWAYS).connect()
        rig.rx(LOGON.replace("98=0", "98=1"))
        (logout,) = rig.tx()
        assert "1409=" not in logout


def test_a_plain_logon_is_answered_without_one():
    rig = fixt(logon=ALWAYS).connect()
    rig.rx(LOGON)
    assert rig.tx() == [LOGON]


@pytest.mark.parametrize("version", list(FixVersion))
@pytest.mark.parametrize("status", list(SessionStatus))
def test_who_tells_what(version: FixVersion, status: SessionStatus):
    assert not tells(StatusPolicy.NEVER, version, status)
    assert tells(StatusPolicy.ALWAYS, version, status)
    standard = version.value.startswith("FIX.5") and status <= 8
    assert tells(StatusPolicy.STANDARD, version, status) is standard


def test_they_read_as_words():
    assert SessionStatus.ACCOUNT_LOCKED.text == "Account locked"
    assert SessionStatus(4).text == "Session logout complete"

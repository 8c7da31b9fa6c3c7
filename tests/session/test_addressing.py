"""Sub-ids and locations: sent in every header, demanded of the peer. Test case 2.k.

Spec: FIX 4.4 volume 2, "FIX Message Routing"; Standard Message Header.
"""

from __future__ import annotations

import pytest

from fixgate.session.addressing import addresses, demands
from fixgate.session.checks import HeaderChecks
from fixgate.session.events import AppMessage, LoggedOn, LogonRefused
from fixgate.session.settings import Role, SessionId
from tests.session.rig import Rig, kinds, order, violation

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)

DESKS = SessionId("FIX.4.4", "EXCH", "TRADER", "GATE", "FRA", "DESK1", "LDN")
RIGHT = "50=DESK1|57=GATE|142=LDN|143=FRA"


def desks(role: Role, ident: SessionId = DESKS, **changes: object) -> Rig:
    """A session that is up, by Logons with every sub-id and location."""
    rig = Rig(role, id=ident, **changes).connect()
    rig.rx(f"35=A|34=1|{RIGHT}|98=0|108=30")
    rig.tx()
    assert kinds(rig.events) == [LoggedOn]
    rig.events.clear()
    return rig


def addressed(text: str) -> str:
    """``text`` with the sub-ids and locations behind its MsgSeqNum(34)."""
    head, number, rest = text.split("|", 2)
    return f"{head}|{number}|{RIGHT}|{rest}"


def test_an_initiators_logon_names_them_in_tag_order():
    rig = Rig(Role.INITIATOR, id=DESKS).connect()
    assert rig.whole() == [
        [
            "8=FIX.4.4", "9=98", "35=A", "34=1", "49=EXCH", "50=GATE",
            "52=20260302-09:00:00.000", "56=TRADER", "57=DESK1", "142=FRA", "143=LDN",
            "98=0", "108=30", "10=001",
        ]
    ]  # fmt: skip


def test_an_acceptor_answers_with_them():
    rig = Rig(id=DESKS).connect()
    rig.rx(f"35=A|34=1|{RIGHT}|98=0|108=30")
    assert rig.tx() == ["35=A|34=1|50=GATE|57=DESK1|142=FRA|143=LDN|98=0|108=30"]


@BOTH
class TestInSession:
    def test_they_are_in_every_header(self, role: Role):
        rig = desks(role)
        rig.rx(f"35=1|34=2|{RIGHT}|112=here")
        assert rig.tx() == ["35=0|34=2|50=GATE|57=DESK1|142=FRA|143=LDN|112=here"]
        rig.after(30)
        assert rig.tx()[0] == "35=0|34=3|50=GATE|57=DESK1|142=FRA|143=LDN"

    def test_they_are_resent(self, role: Role):
        rig = desks(role)
        first = rig.time()
        rig.session.send(b"B", b"148=news\x01", rig.now_ns)
        rig.tx()
        rig.seconds += 1
        rig.rx(f"35=2|34=2|{RIGHT}|7=2|16=2")
        assert rig.tx() == [f"35=B|34=2|43=Y|50=GATE|57=DESK1|122={first}|142=FRA|143=LDN|148=news"]

    def test_a_message_that_carries_them_is_taken(self, role: Role):
        rig = desks(role)
        assert kinds(rig.rx(addressed(order(2)))) == [AppMessage]

    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ("50=DESK2", "SenderSubID(50)"),
            ("57=OTHER", "TargetSubID(57)"),
            ("142=NYC", "SenderLocationID(142)"),
            ("143=NYC", "TargetLocationID(143)"),
        ],
    )
    def test_2k_a_wrong_one_is_rejected_then_logged_out(self, role: Role, wrong: str, name: str):
        rig = desks(role)
        tag, value = wrong.split("=")
        right = next(field for field in RIGHT.split("|") if field.startswith(f"{tag}="))
        rig.rx(addressed(order(2)).replace(f"|{right}|", f"|{wrong}|"))
        reject, logout = rig.tx()
        text = f"{name}: received '{value}', expected '{right.split('=')[1]}'"
        assert f"|45=2|58={text}|371={tag}|372=D|373=9" in reject
        assert logout.startswith("35=5|34=3|")
        assert f"|58={text}" in logout
        assert rig.store.next_in == 3

    def test_2k_one_that_is_missing_is_rejected(self, role: Role):
        rig = desks(role)
        rig.rx(order(2))
        reject, logout = rig.tx()
        assert "58=SenderSubID(50): received nothing, expected 'DESK1'" in reject
        assert logout.startswith("35=5|34=3|")

    def test_a_session_without_them_takes_any(self, role: Role):
        rig = Rig(role).log_on()
        assert kinds(rig.rx(addressed(order(2)))) == [AppMessage]


def test_a_logon_with_a_wrong_one_is_a_strangers():
    rig = Rig(id=DESKS).connect()
    rig.rx(f"35=A|34=1|{RIGHT.replace('DESK1', 'DESK2')}|98=0|108=30")
    assert kinds(rig.events) == [LogonRefused]
    assert rig.tx() == []
    assert rig.session.wants_close


class TestAProber:
    def test_takes_a_venue_that_does_not_repeat_them(self):
        rig = Rig(Role.INITIATOR, id=DESKS, observe=True).connect()
        rig.tx()
        assert kinds(rig.rx("35=A|34=1|98=0|108=30", "35=B|34=2|148=x|33=1|58=y")) == [
            LoggedOn,
            AppMessage,
        ]

    def test_notes_a_wrong_one_and_stays(self):
        rig = desks(Role.INITIATOR, observe=True)
        rig.rx(addressed(order(2)).replace("DESK1", "DESK2"))
        assert violation(rig).rule == "comp-id"
        assert violation(rig).text == "SenderSubID(50): received 'DESK2', expected 'DESK1'"
        assert kinds(rig.events)[-1] is AppMessage
        assert rig.tx() == []


def test_an_identity_reads_like_an_address():
    assert str(SessionId("FIX.4.4", "A", "B")) == "FIX.4.4:A->B"
    assert str(DESKS) == "FIX.4.4:EXCH/GATE/FRA->TRADER/DESK1/LDN"
    assert str(SessionId("FIX.4.4", "A", "B", our_sub_id="S")) == "FIX.4.4:A/S->B"
    assert str(SessionId("FIX.4.4", "A", "B", their_location_id="L")) == "FIX.4.4:A->B//L"


def test_demands_are_the_peers_view():
    wanted = demands(DESKS)
    assert wanted == ((50, b"DESK1"), (142, b"LDN"), (57, b"GATE"), (143, b"FRA"))
    assert demands(SessionId("FIX.4.4", "A", "B")) == ()
    rig = Rig(id=DESKS)
    (message,) = rig.session.frame(rig.build(addressed(order(2))))
    assert addresses(message, wanted)
    assert not addresses(message, ((50, b"DESK2"),))
    (bare,) = rig.session.frame(rig.build(order(3)))
    assert not addresses(bare, wanted)


def test_a_session_without_demands_compares_nothing_more():
    rig = Rig()
    assert type(rig.session._core.checks) is HeaderChecks

"""Third parties: OnBehalfOfCompID(115) and DeliverToCompID(128). Test case 18.

Spec: FIX 4.4 volume 2, "FIX Message Routing".
"""

from __future__ import annotations

import pytest

from fixgate.session.dialect import QUICKFIX
from fixgate.session.events import AppMessage, LoggedOn, LogonRefused, Violation
from fixgate.session.routing import Routing
from fixgate.session.settings import Role
from tests.session.rig import Rig, kinds, order, violation

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)

LISTED = Routing(on_behalf_of=frozenset({b"FUND1", b"FUND2"}), deliver_to=frozenset({b"BROKER"}))


@BOTH
class Test18ThirdParties:
    @pytest.mark.parametrize("route", ["115=FUND1", "128=BROKER", "115=FUND2|116=X|128=BROKER"])
    def test_right_addressing_is_taken(self, role: Role, route: str):
        rig = Rig(role, routing=LISTED).log_on()
        assert kinds(rig.rx(order(2, more=f"|{route}"))) == [AppMessage]
        assert rig.tx() == []

    def test_a_third_party_that_is_not_listed_is_rejected(self, role: Role):
        rig = Rig(role, routing=LISTED).log_on()
        rig.rx(order(2, more="|128=NOBODY"))
        assert rig.tx() == [
            "35=3|34=2|115=NOBODY|45=2|58=CompID problem: DeliverToCompID(128) received 'NOBODY', "
            "expected 'BROKER'|371=128|372=D|373=9"
        ]
        assert kinds(rig.events) == [Violation]
        assert violation(rig).rule == "third-party"
        assert rig.store.next_in == 3, "the number is counted, and the session goes on"
        assert kinds(rig.rx(order(3, "B"))) == [AppMessage]

    def test_whom_the_peer_may_not_speak_for_is_rejected(self, role: Role):
        rig = Rig(role, routing=LISTED).log_on()
        rig.rx(order(2, more="|115=FUND9"))
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=2|128=FUND9|45=2|58=CompID problem: OnBehalfOfCompID")
        assert "expected 'FUND1', 'FUND2'" in reject
        assert reject.endswith("|371=115|372=D|373=9")

    def test_a_session_that_knows_nobody_delivers_to_nobody(self, role: Role):
        rig = Rig(role, routing=Routing()).log_on()
        rig.rx(order(2, more="|128=BROKER"), order(3, "B", more="|115=ANYONE"))
        (reject,) = rig.tx()
        assert "DeliverToCompID(128) received 'BROKER', expected none" in reject
        assert kinds(rig.events) == [Violation, AppMessage]

    def test_one_that_came_too_early_is_judged_when_its_turn_comes(self, role: Role):
        rig = Rig(role, routing=LISTED).log_on()
        rig.rx(order(3, more="|128=NOBODY"))
        assert [text[:4] for text in rig.tx()] == ["35=2"]
        rig.rx(order(2, "B", more="|43=Y|122={t}"))
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=3|115=NOBODY|45=3|")
        assert rig.store.next_in == 4

    def test_without_routing_anyone_is_taken(self, role: Role):
        rig = Rig(role).log_on()
        assert kinds(rig.rx(order(2, more="|115=ANY|128=ANY"))) == [AppMessage]


def test_the_dialect_says_less():
    rig = Rig(routing=LISTED, dialect=QUICKFIX).log_on()
    rig.rx(order(2, more="|128=NOBODY"))
    assert rig.tx() == ["35=3|34=2|115=NOBODY|45=2|58=CompID problem|371=128|372=D|373=9"]


def test_a_logon_to_be_delivered_elsewhere_is_refused():
    rig = Rig(routing=LISTED).connect()
    rig.rx("35=A|34=1|128=NOBODY|98=0|108=30")
    assert kinds(rig.events) == [Violation, LogonRefused]
    assert rig.tx()[0].startswith("35=5|34=1|58=CompID problem: DeliverToCompID(128)")


def test_before_42_a_reject_has_no_reason():
    rig = Rig(begin="FIX.4.0", routing=Routing()).log_on()
    rig.rx("35=0|34=2|128=BROKER")
    (reject,) = rig.tx()
    assert reject.startswith("35=3|34=2|115=BROKER|45=2|58=CompID problem")
    assert "373=" not in reject


class TestOurOwn:
    def test_they_are_in_every_header(self):
        ours = Routing(((115, b"FUND"), (128, b"BROKER"), (145, b"LDN")))
        rig = Rig(Role.INITIATOR, routing=ours).connect()
        assert rig.tx() == ["35=A|34=1|115=FUND|128=BROKER|145=LDN|98=0|108=30"]

    def test_a_prober_notes_an_answer_for_somebody_else(self):
        ours = Routing(((115, b"FUND"),), frozenset(), frozenset({b"FUND"}))
        rig = Rig(Role.INITIATOR, routing=ours, observe=True).connect()
        rig.rx("35=A|34=1|128=FUND|98=0|108=30", order(2, more="|128=OTHER"))
        assert kinds(rig.events) == [LoggedOn, Violation, AppMessage]
        assert violation(rig).rule == "third-party"


@BOTH
class TestAnswersThatCanBeRead:
    def test_18_the_answer_goes_where_the_message_came_from(self, role: Role):
        """What the session always sends gives way: a tag that comes twice is a mistake of ours."""
        rig = Rig(role, routing=Routing(((115, b"FUND1"),), deliver_to=frozenset())).log_on()
        rig.rx(order(2, more="|128=NOBODY"))
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=2|115=NOBODY|45=2|")
        rig.rx("35=1|34=3|112=X")
        assert rig.tx() == ["35=0|34=3|115=FUND1|112=X"]

    def test_14k_a_third_party_with_an_soh_inside_is_not_reversed(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=2|115=A\x01B|128=C")
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=2|115=C|45=2|58=OnBehalfOfCompID(115): received ")
        assert reject.endswith("|371=115|372=0|373=17")

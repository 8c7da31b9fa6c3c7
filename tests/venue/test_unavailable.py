import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.venue.unavailable import UnavailableVenue
from tests.venue.support import Desk

VENUE = UnavailableVenue()


@pytest.mark.parametrize("msg_type", ["D", "F", "G", "H"])
def test_what_the_exchange_would_serve_is_sent_back(msg_type):
    """Spec: case 14.l."""
    desk = Desk(VENUE, "ALICE", FixVersion.FIX44)
    assert desk.says(f"35={msg_type}|34=9|11=A|54=1|55=ABC") == [
        f"ALICE j 45=9|58=Application not available|372={msg_type}|380=4"
    ]
    old = Desk(VENUE, "OLD", FixVersion.FIX40)
    assert old.says(f"35={msg_type}|34=9|11=A") == ["OLD 3 45=9|58=Application not available"]


def test_what_no_exchange_serves_is_another_matter():
    """Spec: case 2.r."""
    desk = Desk(VENUE, "ALICE", FixVersion.FIX50SP2)
    assert desk.says("35=AE|34=9|571=x") == [
        "ALICE j 45=9|58=Unsupported Message Type|372=AE|380=3"
    ]


def test_nothing_is_said_unasked():
    desk = Desk(VENUE, "ALICE", FixVersion.FIX44)
    assert VENUE.logged_on(desk.client, 0) == VENUE.logged_out(desk.client, 0) == []

from __future__ import annotations

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.venue.echo import EchoVenue
from fixgate.venue.exchange import Exchange
from fixgate.venue.model import VenueSettings
from fixgate.venue.rejects import (
    CxlRejReason,
    OrdRejReason,
    Refusal,
    business_reject,
    shown,
    unsupported_message,
)
from fixgate.venue.unavailable import UnavailableVenue
from tests.venue.support import Desk, message
from tests.venue.support import shown as replies_shown

VERSIONS = list(FixVersion)


@pytest.mark.parametrize(
    ("reason", "codes"),
    [
        # FIX              4.0 4.1 4.2 4.3 4.4 5.0 SP1 SP2
        ("BROKER_OPTION", [0, 0, 0, 0, 0, 0, 0, 0]),
        ("UNKNOWN_SYMBOL", [1, 1, 1, 1, 1, 1, 1, 1]),
        ("ORDER_EXCEEDS_LIMIT", [3, 3, 3, 3, 3, 3, 3, 3]),
        ("DUPLICATE_ORDER", [0, 6, 6, 6, 6, 6, 6, 6]),
        ("UNSUPPORTED_ORDER_CHARACTERISTIC", [0, 0, 0, 11, 11, 11, 11, 11]),
        ("INCORRECT_QUANTITY", [0, 0, 0, 0, 13, 13, 13, 13]),
        ("INVALID_PRICE_INCREMENT", [0, 0, 0, 0, 99, 18, 18, 18]),
        ("OTHER", [0, 0, 0, 0, 99, 99, 99, 99]),
    ],
)
def test_an_order_reason_has_a_code_in_every_version(reason, codes):
    assert [OrdRejReason[reason].code(version) for version in VERSIONS] == codes


@pytest.mark.parametrize(
    ("reason", "codes"),
    [
        # FIX                    4.0   4.1   4.2 4.3 4.4 5.0 SP1 SP2
        ("TOO_LATE_TO_CANCEL", [0, 0, 0, 0, 0, 0, 0, 0]),
        ("UNKNOWN_ORDER", [1, 1, 1, 1, 1, 1, 1, 1]),
        ("BROKER_OPTION", [None, None, 2, 2, 2, 2, 2, 2]),
        ("DUPLICATE_CL_ORD_ID", [None, None, 2, 6, 6, 6, 6, 6]),
        ("INVALID_PRICE_INCREMENT", [None, None, 2, 2, 99, 18, 18, 18]),
        ("OTHER", [None, None, 2, 2, 99, 99, 99, 99]),
    ],
)
def test_a_cancel_reason_has_a_code_or_is_left_out(reason, codes):
    assert [CxlRejReason[reason].code(version) for version in VERSIONS] == codes


def test_a_refusal_states_its_reason_for_a_replace():
    off_tick = Refusal(OrdRejReason.INVALID_PRICE_INCREMENT, b"")
    assert off_tick.cancel_reason is CxlRejReason.INVALID_PRICE_INCREMENT
    assert Refusal(OrdRejReason.OTHER, b"").cancel_reason is CxlRejReason.OTHER


def test_quoted_values_are_printable_and_short():
    assert shown(None) == b"nothing"
    assert shown(b"a\r\n\x1b[0m\xff=cmd()") == b"a???[0m?=cmd()"
    assert shown(b"x" * 50) == b"x" * 40 + b"..."


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("FIX.4.0", "3 45=7|58=Unsupported message type"),
        ("FIX.4.1", "3 45=7|58=Unsupported message type"),
        ("FIX.4.2", "j 45=7|58=Unsupported Message Type|372=8|380=3"),
        ("FIX.4.4", "j 45=7|58=Unsupported Message Type|372=8|380=3"),
        ("FIX.5.0SP2", "j 45=7|58=Unsupported Message Type|372=8|380=3"),
    ],
)
def test_an_unsupported_type_is_refused(version, expected):
    fix = FixVersion(version)
    reply = unsupported_message("ALICE", fix, message("35=8|34=7|37=id", fix))
    assert replies_shown([reply]) == [f"ALICE {expected}"]


@pytest.mark.parametrize("venue", [Exchange(VenueSettings()), EchoVenue(), UnavailableVenue()])
def test_a_refusal_is_not_refused(venue):
    desk = Desk(venue, "ALICE", FixVersion.FIX44)
    assert desk.says("35=j|34=9|45=3|372=8|380=3") == []


@pytest.mark.parametrize(
    ("version", "tail"), [("FIX.4.4", ""), ("FIX.5.0", "|1137=7"), ("FIX.5.0SP2", "|1137=9")]
)
def test_the_version_is_named_on_fixt_when_asked_for(version, tail):
    fix = FixVersion(version)
    reply = unsupported_message("A", fix, message("35=8|34=7", fix), name_version=True)
    assert replies_shown([reply]) == [f"A j 45=7|58=Unsupported Message Type|372=8|380=3{tail}"]


def test_a_message_without_a_number_is_refused_without_a_reference():
    reply = business_reject("A", FixVersion.FIX40, message("35=D"), reason=b"5", text=b"no")
    assert replies_shown([reply]) == ["A 3 58=no"]

"""QuickFIX takes what a venue says of its own stages, where it is told to expect it."""

from __future__ import annotations

import pytest

from fixgate.dice import Fixed
from fixgate.dictionary import FixVersion
from fixgate.interop import EventKind, PeerSession, SendOrders
from fixgate.triage import venue_times
from fixgate.venue.stages import RequestStamp, StageSettings, VenueStages
from fixgate.wire import Message, decode
from tests.interop.rig import client, complaints, venue
from tests.interop.test_quickfix_initiator import log_on

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]

MS = 1_000_000
FROM_APP = EventKind.FROM_APP
SLOW = VenueStages(
    gateway=StageSettings(Fixed(MS)),
    matching=StageSettings(Fixed(5 * MS)),
    stamps=RequestStamp.BEHIND_GATEWAY,
)


@pytest.mark.parametrize("version", FixVersion, ids=lambda version: version.value)
async def test_stamps_are_valid_where_user_defined_fields_are_not_looked_into(
    tmp_path, dictionaries, version
):
    session = PeerSession(version, "DESK", "VENUE", options=(("ValidateUserDefinedFields", "N"),))
    async with (
        venue(stages=SLOW) as gateway,
        client(gateway, tmp_path, session, dictionaries=dictionaries) as peer,
    ):
        await log_on(peer, session)
        peer.tell(SendOrders(str(session), 3))
        for number in range(1, 4):
            report = await peer.until(FROM_APP, msg_type="8")
            assert report.field(11) == f"QF{number}"
            message = decode(report.message)
            assert isinstance(message, Message)
            times = venue_times(message)
            assert times is not None
            assert times.request_ns is not None
            if version.order >= FixVersion.FIX42.order:
                took_ns = times.transact_ns - times.request_ns
                assert 4 * MS <= took_ns < 1000 * MS
            assert (report.field(768) == "2") is version.is_fixt
        assert complaints(peer) == []


async def test_an_engine_that_looks_into_them_refuses_the_report(tmp_path, dictionaries):
    """QuickFIX's default. docs/stages.md says so."""
    session = PeerSession(
        FixVersion.FIX44, "DESK", "VENUE", options=(("ValidateUserDefinedFields", "Y"),)
    )
    async with (
        venue(stages=SLOW) as gateway,
        client(gateway, tmp_path, session, dictionaries=dictionaries) as peer,
    ):
        await log_on(peer, session)
        peer.tell(SendOrders(str(session), 1))
        complaint = await peer.until(EventKind.TO_ADMIN, msg_type="3")
        assert (complaint.field(371), complaint.field(373)) == ("5979", "0")

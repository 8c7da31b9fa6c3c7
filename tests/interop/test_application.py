"""A venue behind QuickFIX's sessions: what it makes of what QuickFIX tells."""

from __future__ import annotations

from fixgate.dictionary import FixVersion
from fixgate.interop import EventKind, PeerEvent, PeerSession, VenueApplication
from fixgate.venue import Exchange, Instrument, VenueSettings
from tests.fixtext import fix

SESSION = PeerSession(FixVersion.FIX44, "VENUE", "CLIENT")
NAME = str(SESSION)
HEAD = "34=2|49=CLIENT|52=20260302-09:00:00|56=VENUE|"
ORDER = f"35=D|{HEAD}11=one|55=ABC|54=1|60=20260302-09:00:00|38=5|40=2|44=1|"
STATUS = f"35=H|{HEAD}11=one|55=ABC|54=1|"


def application(**settings) -> VenueApplication:
    venue = Exchange(VenueSettings(instruments=(Instrument("ABC"),), **settings))
    return VenueApplication({SESSION: "the client"}, venue, lambda: 1_772_442_000_000_000_000)


def told(kind: EventKind, message: str = "") -> PeerEvent:
    return PeerEvent(kind, 0, NAME, fix(message) if message else b"")


def answered(behind: VenueApplication, message: str) -> list[dict[int, str]]:
    sent = behind.answer(told(EventKind.FROM_APP, message))
    assert all(each.session == NAME for each in sent)
    return [{35: each.msg_type, **dict(each.fields)} for each in sent]


def test_an_order_is_acknowledged_to_whom_it_is_from():
    behind = application(liquidity_levels=0)
    assert behind.answer(told(EventKind.LOGON)) == []
    (report,) = answered(behind, ORDER)
    assert (report[35], report[11], report[39]) == ("8", "one", "0")


def test_an_order_sent_on_suspicion_is_not_taken_twice():
    behind = application(liquidity_levels=0)
    behind.answer(told(EventKind.LOGON))
    answered(behind, ORDER)
    assert answered(behind, ORDER.replace("|49=", "|97=Y|49=")) == []


def test_the_end_of_the_process_is_the_end_of_every_connection():
    behind = application(liquidity_levels=0, cancel_on_disconnect=True)
    behind.answer(told(EventKind.LOGON))
    answered(behind, ORDER)
    (cancelled,) = behind.gone()
    assert dict(cancelled.fields)[39] == "4"
    assert behind.gone() == []


def test_the_book_stays():
    behind = application(liquidity_levels=0)
    behind.answer(told(EventKind.LOGON))
    answered(behind, ORDER)
    behind.gone()
    behind.answer(told(EventKind.LOGON))
    (status,) = answered(behind, STATUS)
    assert (status[11], status[39]) == ("one", "0")


def test_what_is_not_about_its_clients_is_nothing_to_it():
    behind = application()
    assert behind.answer(PeerEvent(EventKind.READY, 0)) == []
    assert behind.answer(PeerEvent(EventKind.LOGON, 0, "FIX.4.4:VENUE->STRANGER")) == []
    assert behind.answer(told(EventKind.TO_APP, ORDER)) == []
    assert behind.answer(PeerEvent(EventKind.FROM_APP, 0, NAME, b"8=FIX.4.4")) == []

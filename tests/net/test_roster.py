"""Who may log on: sessions told apart by CompIDs, and by sub-ids where those are equal."""

from __future__ import annotations

from fixgate.net import GatewaySettings, ListenSettings, VenueSession
from fixgate.net.roster import Roster
from fixgate.net.settings import Address
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.live.peer import build


def client(name: str, **places: str) -> VenueSession:
    ident = SessionId("FIX.4.4", "VENUE", "CLIENT", **places)
    return VenueSession(name, SessionSettings(ident, Role.ACCEPTOR))


def roster(*clients: VenueSession, accept_any: bool = False) -> Roster:
    template = SessionSettings(SessionId("FIX.4.4", "VENUE", ""), Role.ACCEPTOR)
    listen = (ListenSettings(Address("127.0.0.1", 0)),)
    made = Roster(GatewaySettings("v", listen, template, sessions=clients, accept_any=accept_any))
    made.open(lambda _, now_ns: MemoryStore(since_ns=now_ns), 0)
    return made


def found(made: Roster, fields: str = "", sender: str = "CLIENT") -> str | None:
    header = f"35=A|34=1|49={sender}|{fields}52=20260302-09:00:00|56=VENUE|"
    message = decode(build("FIX.4.4", f"{header}98=0|108=30|"))
    assert isinstance(message, Message)
    party = made.find(message, 0)
    return party.client.key if party is not None else None


def test_equal_comp_ids_are_told_apart_by_sub_id():
    made = roster(client("one", their_sub_id="D1"), client("two", their_sub_id="D2"))
    assert found(made, "50=D1|") == "one"
    assert found(made, "50=D2|") == "two"
    assert found(made, "50=D3|") is None
    assert found(made) is None


def test_locations_and_our_own_side_tell_them_apart_too():
    made = roster(
        client("ldn", their_location_id="LDN"),
        client("bonds", our_sub_id="BONDS"),
        client("fra", our_location_id="FRA"),
    )
    assert found(made, "142=LDN|") == "ldn"
    assert found(made, "57=BONDS|") == "bonds"
    assert found(made, "143=FRA|") == "fra"


def test_the_most_particular_one_comes_first():
    made = roster(
        client("anyone"),
        client("desk", their_sub_id="D1"),
        client("desk in London", their_sub_id="D1", their_location_id="LDN"),
    )
    assert found(made, "50=D1|142=LDN|") == "desk in London"
    assert found(made, "50=D1|142=NYC|") == "desk"
    assert found(made, "50=D9|") == "anyone"
    assert found(made) == "anyone"


def test_accept_any_lets_nobody_past_a_sub_id_that_is_demanded():
    made = roster(client("desk", their_sub_id="D1"), accept_any=True)
    assert found(made, "50=D2|") is None
    assert found(made, "50=D2|", sender="NEWCOMER") == "FIX.4.4:VENUE->NEWCOMER"

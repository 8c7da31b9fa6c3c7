"""A session of ours that sends orders as fast as they are taken, until it is killed.

    python -m tests.crash.initiator PORT STORE DURABILITY ORDERS

With ORDERS above 0 it logs out after so many.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fixgate.dictionary import validator_for
from fixgate.history import History
from fixgate.net import Address, Clock, Opened, SessionConnection, StoreSettings, resolve
from fixgate.net.opening import connect_tcp
from fixgate.net.settings import Durability
from fixgate.net.stores import Stores
from fixgate.session.events import HeartbeatReceived, LoggedOn, LoggedOut
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.fixtext import soh

AT_ONCE = 20


async def main(port: int, root: Path, durability: str, orders: int) -> None:
    clock = Clock()
    stores = Stores(StoreSettings(root, Durability(durability)), asyncio.get_running_loop())
    ident = SessionId("FIX.4.4", "TRADER", "EXEC")
    store = stores.open(ident, clock.now_ns())
    settings = SessionSettings(ident, Role.INITIATOR)
    history = History(limit=0)
    session = Session(settings, store, validator_for("FIX.4.4"), history)
    connection = SessionConnection(session, clock, history)
    places = await resolve(Address("127.0.0.1", port))
    assert isinstance(places, tuple)
    opened = await connect_tcp(places, timeout_ns=5_000_000_000, clock=clock)
    assert isinstance(opened, Opened)
    await connection.start(opened)
    while not isinstance((await connection.next_event())[1], LoggedOn):
        pass
    sent = 0
    while not orders or sent < orders:
        for _ in range(AT_ONCE):
            number = store.next_out
            connection.send(b"D", soh(f"11=order {number}|55=ABC|54=1|38=1|40=2|44=9|"))
            sent += 1
        connection.test_request(b"%d" % sent)
        while (await connection.next_event())[1] != HeartbeatReceived(b"%d" % sent):
            pass
    connection.logout("enough")
    while not isinstance((await connection.next_event())[1], LoggedOut):
        pass
    await connection.close()
    store.close()
    stores.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))

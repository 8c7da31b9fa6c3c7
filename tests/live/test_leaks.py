"""Thousands of connections, Logons, orders, resends, resets: nothing of them stays behind.

One venue with stores on disk and a port behind TLS. Its open files and the objects that it holds
are as many as they were when it had been through the same some times before.
"""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
import sys
from contextlib import suppress

import pytest

from fixgate.net import Gateway, ListenSettings, ServerTls, StoreSettings
from fixgate.session.settings import Credentials
from tests.live.conftest import LOOPBACK, known, venue
from tests.live.peer import Peer

WARM_UP, ROUNDS = 100, 200
CONNECTIONS = 9  # of a round


async def strangers(address) -> None:
    """Who leaves at once, sends what is no Logon, half of one, or one that is refused."""
    for first in (b"", b"GET / HTTP/1.1\r\n\r\n", b"8=FIX.4.4\x019=70\x0135=A\x01"):
        peer = await Peer.connect(address)
        peer.writer.write(first)
        await peer.close()
    for sender, more in (("NOBODY", ""), ("LOCKED", "553=me|554=wrong|")):
        peer = await Peer.connect(address, sender)
        peer.send("A", f"98=0|108=30|{more}")
        with suppress(EOFError, ConnectionError):
            await peer.read()
        await peer.close()


async def half_a_handshake(address) -> None:
    peer = await Peer.connect(address)
    peer.writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    await peer.close()


async def a_day(address, sender: str, **connect) -> Peer:
    """A session with a bit of everything, up to just before its end."""
    peer = await Peer.connect(address, sender, **connect)
    peer.send("A", "98=0|108=30|141=Y|")
    assert (await peer.read())[35] == "A"
    peer.order("same")
    assert (await peer.read())[35] == "8"
    peer.send("D", "11=bad|55=ABC|38=x|")
    assert (await peer.read())[35] == "3"
    peer.writer.write(b"rubbish" + peer.message("0", number=3)[:-4] + b"999\x01")
    peer.send("2", "7=1|16=0|")
    assert [(await peer.read())[35] for _ in range(3)] == ["4", "8", "4"]
    peer.send("1", "112=ahead|", number=peer.next_out + 2)
    assert (await peer.read())[35] == "2"
    peer.send("4", f"36={peer.next_out + 2}|123=Y|")
    assert (await peer.read())[112] == "ahead"
    peer.next_out = 1
    peer.send("A", "98=0|108=30|141=Y|")
    assert (await peer.read())[35] == "A"
    return peer


async def leaving(address, sender: str, *, abruptly: bool = False, **connect) -> None:
    peer = await a_day(address, sender, **connect)
    if abruptly:
        peer.writer.transport.abort()
    else:
        await peer.log_out()


async def rounds(count: int, gateway: Gateway, context: ssl.SSLContext) -> None:
    plain, secure = gateway.addresses
    for _ in range(count):
        await asyncio.gather(
            strangers(plain),
            half_a_handshake(secure),
            leaving(plain, "DESK"),
            leaving(secure, "SAFE", ssl=context),
            leaving(plain, "RUDE", abruptly=True),
        )
        while gateway.connections:  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0)


async def in_use() -> tuple[int, int]:
    """Open files, and blocks of memory that Python objects take."""
    for _ in range(10):
        await asyncio.sleep(0)
    gc.collect()
    return len(os.listdir("/proc/self/fd")), sys.getallocatedblocks()


@pytest.mark.skipif(sys.platform != "linux", reason="open files are read from /proc")
async def test_nothing_stays_behind(tls_files, tmp_path):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem")
    context = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
    login = Credentials("me", "right")
    gateway = Gateway(
        venue(
            sessions=(*known("DESK", "SAFE", "RUDE"), *known("LOCKED", credentials=login)),
            listen=(ListenSettings(LOOPBACK), ListenSettings(LOOPBACK, tls)),
            store=StoreSettings(tmp_path / "store"),
            history_limit=10,
        )
    )
    await gateway.start()
    try:
        await rounds(WARM_UP, gateway, context)
        files, blocks = await in_use()
        await rounds(ROUNDS, gateway, context)
        files_after, blocks_after = await in_use()
    finally:
        await gateway.stop()
    assert files_after == files
    # Caches fill up a little; an object kept for each connection would be twice as many and more.
    assert blocks_after - blocks < ROUNDS * CONNECTIONS // 2

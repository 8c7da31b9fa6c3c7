"""Whose fault a silence is, against peers that are silent in their own ways."""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import sys
from contextlib import asynccontextmanager

import pytest

from fixgate.health.model import CheckReport, Layer
from fixgate.net.settings import Address, ClientTls
from tests.live.checking import checked, plan

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO is Linux's"),
]

SO_ATTACH_FILTER = 26
DROP_ALL = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF: ret 0


def deafen(sock: socket.socket) -> None:
    """Have the kernel throw away whatever comes for a socket, unacknowledged."""
    program = ctypes.create_string_buffer(DROP_ALL)
    packed = struct.pack("HL", 1, ctypes.addressof(program))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, packed)


@asynccontextmanager
async def listener(*, deaf: bool):
    """A port whose connections stand, and where nobody says a word."""
    taken: list[socket.socket] = []
    loop = asyncio.get_running_loop()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)

        async def accept() -> None:
            while True:
                sock, _ = await loop.sock_accept(server)
                if deaf:
                    deafen(sock)
                taken.append(sock)

        task = asyncio.create_task(accept())
        try:
            yield Address(*server.getsockname())
        finally:
            task.cancel()
            await asyncio.wait([task])
            for sock in taken:
                sock.close()


async def found(*, deaf: bool, **changes: object) -> CheckReport:
    async with listener(deaf=deaf) as address:
        (report,) = await checked(plan("mute", address, **changes))
    return report


async def test_a_peer_that_takes_the_logon_and_says_nothing():
    finding = (await found(deaf=False)).findings[0]
    assert (finding.cause, finding.layer) == ("silent", Layer.GATEWAY)
    assert "acknowledged every byte of ours" in finding.summary
    assert any(each.text.startswith("TCP: all acknowledged") for each in finding.evidence)


async def test_a_peer_whose_machine_does_not_even_acknowledge():
    finding = (await found(deaf=True)).findings[0]
    assert (finding.cause, finding.layer) == ("silent", Layer.NETWORK)
    assert "never acknowledged" in finding.summary
    assert finding.next_step.startswith("Have the line looked at")


async def test_a_handshake_that_nobody_answers():
    finding = (await found(deaf=False, tls=ClientTls(verify=False))).findings[0]
    assert (finding.cause, finding.layer) == ("tls-silent", Layer.TLS)
    assert "acknowledged every byte of ours" in finding.summary


async def test_a_handshake_that_does_not_arrive():
    finding = (await found(deaf=True, tls=ClientTls(verify=False))).findings[0]
    assert (finding.cause, finding.layer) == ("tls-silent", Layer.NETWORK)

"""An exchange that forgets nothing: the oracle for sessions of ours that are killed."""

from __future__ import annotations

import asyncio
import random

from tests.crash.witness import Notes
from tests.live.peer import Peer, build, sending_time

__all__ = ["Exchange"]


class Exchange(Notes):
    """Takes one session at a time.

    Attributes:
        orders: Orders that came for the first time, on this connection.
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng
        self.sent: dict[int, str] = {}
        self.next_out = 1
        self.orders = 0

    async def __aenter__(self) -> Exchange:
        self.peers: asyncio.Queue[Peer] = asyncio.Queue()

        def arrived(reader, writer) -> None:
            self.peers.put_nowait(Peer(reader, writer, "EXEC", "TRADER", "FIX.4.4"))

        self.server = await asyncio.start_server(arrived, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def log_on(self, *, ask_from: int = 0) -> Peer:
        """Take a Logon, and get everything that was missed; by default from where it is missed."""
        peer = await self.peers.get()
        used = self.used
        logon = self.note(await peer.read_raw())
        number = int(logon[34])
        assert logon[35] == "A"
        assert number > used, f"{number} after {used} was used"
        self.send(peer, "A", "98=0|108=30|")
        self.missing(number)
        begin = ask_from or self.complete_to + 1
        if begin < number:
            self.send(peer, "2", f"7={begin}|16=0|")
        self.orders = 0
        while self.missing(number):
            await self.take(peer)
        return peer

    async def take(self, peer: Peer) -> dict[int, str]:
        """Take one message, and answer it."""
        values = self.note(await peer.read_raw())
        if values[35] == "2":
            self.send_again(peer, int(values[7]))
        elif values[35] == "1":
            self.send(peer, "0", f"112={values[112]}|")
        elif values[35] == "D" and values.get(43) != "Y":
            self.orders += 1
            if self.rng.random() < 0.5:
                self.send(peer, "8", f"37=1|17={self.next_out}|11={values[11]}|150=0|39=0|54=1|"
                                     "55=ABC|151=1|14=0|6=0|")  # fmt: skip
        return values

    def send(self, peer: Peer, msg_type: str, body: str) -> None:
        if msg_type == "8":
            self.sent[self.next_out] = body
        peer.send(msg_type, body, number=self.next_out)
        self.next_out += 1

    def send_again(self, peer: Peer, begin: int) -> None:
        for number in range(begin, self.next_out):
            body = self.sent.get(number)
            kind = "4" if body is None else "8"
            now = sending_time()
            peer.writer.write(build("FIX.4.4", (
                f"35={kind}|34={number}|43=Y|49=EXEC|52={now}|56=TRADER|122={now}|"
                f"{body or f'36={number + 1}|123=Y|'}"
            )))  # fmt: skip

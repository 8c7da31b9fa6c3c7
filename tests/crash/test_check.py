"""`fixgate check` in a process of its own, stopped while its test order is in the book."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from tests.crash.server import ROOT
from tests.live.peer import Peer

SESSION = """
sessions:
  - name: desk
    connect: 127.0.0.1:{port}
    begin_string: FIX.4.4
    ours: DESK
    theirs: VENUE
    level: order
    orders: {{allow: true, symbol: ABC, price: '1.00'}}
    store: memory
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_whatever_stops_it_cancels_its_order_and_logs_out(tmp_path, number):
    ordered = asyncio.Event()
    heard: list[str] = []

    async def venue(reader, writer) -> None:
        """Up and well, but for the order, which gets no answer."""
        peer = Peer(reader, writer, "VENUE", "DESK", "FIX.4.4")
        try:
            while True:
                message = await peer.read()
                heard.append(message[35])
                match message[35]:
                    case "A":
                        peer.send("A", "98=0|108=30|")
                    case "1":
                        peer.send("0", f"112={message[112]}|")
                    case "D":
                        ordered.set()
                    case "5":
                        peer.send("5")
        except (EOFError, ConnectionError):
            await peer.close()

    server = await asyncio.start_server(venue, "127.0.0.1", 0)
    file = tmp_path / "session.yaml"
    file.write_text(SESSION.format(port=server.sockets[0].getsockname()[1]))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fixgate", "check", str(file), "--deadline", "30s", cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)}, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(20):
        await ordered.wait()
        process.send_signal(number)
        _, said = await process.communicate()
    assert process.returncode == 130
    assert b"interrupted: live sessions were sent a Logout, test orders a cancel" in said
    assert heard[-3:] == ["D", "F", "5"]
    server.close()
    await server.wait_closed()

"""QuickFIX's process comes, obeys, and goes, whatever happens to whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import (
    AskNumbers,
    EventKind,
    PeerError,
    PeerRole,
    PeerSession,
    PeerSettings,
    QuickFixPeer,
)
from tests.interop.rig import acceptor

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]

FIX44 = PeerSession(FixVersion.FIX44, "STREET", "US")


async def test_it_says_what_it_is_and_ends_when_asked(tmp_path):
    async with acceptor(tmp_path, FIX44) as peer:
        ready = peer.events[0]
        assert ready.kind is EventKind.READY
        assert ready.text.startswith("quickfix")
        assert await peer.numbers(str(FIX44)) == (1, 1)
        assert await peer.stop() == 0
        assert peer.events[-1].kind is EventKind.STOPPED
        with pytest.raises(PeerError, match="ended"):
            peer.tell(AskNumbers(str(FIX44)))


async def test_a_wrong_command_is_answered_and_does_no_harm(tmp_path):
    async with acceptor(tmp_path, FIX44) as peer:
        peer.tell(AskNumbers("FIX.4.4:WHO->EVER"))
        problem = await peer.until(EventKind.PROBLEM)
        assert problem.text == "no session 'FIX.4.4:WHO->EVER'; there are FIX.4.4:STREET->US"
        assert await peer.numbers(str(FIX44)) == (1, 1)


async def test_a_taken_port_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = PeerSettings(PeerRole.ACCEPTOR, (FIX44,), tmp_path, port=port)
        with pytest.raises(PeerError, match=f"(?s)ended.*port {port}"):
            await QuickFixPeer.start(settings)


async def test_a_wait_has_an_end_and_tells_the_story(tmp_path):
    async with acceptor(tmp_path, FIX44) as peer:
        with pytest.raises(PeerError, match=r"(?s)did not tell 'onLogon' within 0\.05 s.*ready"):
            await peer.until(EventKind.LOGON, timeout_s=0.05)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's process descriptors")
async def test_it_ends_with_its_stdin_when_its_parent_dies(tmp_path):
    parent = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from fixgate.dictionary import FixVersion\n"
        "from fixgate.interop import *\n"
        "async def main():\n"
        "    session = PeerSession(FixVersion.FIX44, 'STREET', 'US')\n"
        "    folder = Path(sys.argv[1])\n"
        "    settings = PeerSettings(PeerRole.ACCEPTOR, (session,), folder)\n"
        "    peer = await QuickFixPeer.start(settings)\n"
        "    os.write(1, b'%d' % peer.pid)\n"
        "    os._exit(9)\n"
        "asyncio.run(main())\n"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", parent, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    told, _ = await process.communicate()
    with contextlib.suppress(ProcessLookupError):
        await _gone(int(told))


async def _gone(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(pid)
    try:
        loop.add_reader(descriptor, gone.set)
        async with asyncio.timeout(5):
            await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)

"""`fixgate serve` in a process of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from fixgate.net import Address

ROOT = Path(__file__).parents[2]


class Server:
    """A running venue; used with ``async with``, killed in the end if it still runs.

    Args:
        arguments: Of ``fixgate serve``.
        command: What to run instead.
        limit: Arguments of the shell's ``ulimit`` for it, such as ``-n 256``.
    """

    def __init__(self, *arguments: str, command: Sequence[str] = (), limit: str = "") -> None:
        self.command = command or [sys.executable, "-m", "fixgate", "serve", *arguments]
        if limit:
            self.command = ["sh", "-c", f'ulimit {limit} && exec "$@"', "sh", *self.command]
        self.lines: list[str] = []

    async def __aenter__(self) -> Server:
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=ROOT, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return self

    async def ready(self) -> Address:
        """Wait for the line that says where it listens."""
        assert self.process.stderr is not None
        async with asyncio.timeout(15):
            while line := (await self.process.stderr.readline()).decode():
                self.lines.append(line)
                word, _, place = line.strip().partition(" ")
                if word == "ready":
                    host, _, port = place.rpartition(":")
                    return Address(host, int(port))
        raise AssertionError("".join(self.lines))

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def terminate(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        async with asyncio.timeout(10):
            return await self.process.wait()

    async def rest(self) -> str:
        assert self.process.stderr is not None
        return "".join(self.lines) + (await self.process.stderr.read()).decode()

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            await self.kill()
        assert self.process.stderr is not None
        await self.process.stderr.read()
        # The pipe's transport goes with the loop's next round.
        await asyncio.sleep(0)

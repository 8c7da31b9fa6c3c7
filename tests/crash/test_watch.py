"""`fixgate watch` in a process of its own, as a user starts and stops it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fixgate.net import Address
from tests.crash.server import ROOT, Server


class Watcher:
    """A running watch; used with ``async with``, killed in the end if it still runs."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self.arguments = arguments
        self.environment = {**os.environ, "XDG_STATE_HOME": str(state)}
        self.told: list[dict[str, object]] = []

    async def __aenter__(self) -> Watcher:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fixgate", "watch", "--json", *self.arguments,
            cwd=ROOT, env=self.environment, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return self

    async def until(self, wanted: Callable[[dict[str, object]], bool]) -> dict[str, object]:
        async with asyncio.timeout(20):
            while line := await self.process.stdout.readline():
                self.told.append(json.loads(line))
                if wanted(self.told[-1]):
                    return self.told[-1]
        raise AssertionError(self.told)

    async def state(self, state: str) -> dict[str, object]:
        return await self.until(lambda told: told["state"] == state)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        async with asyncio.timeout(10):
            rest, _ = await self.process.communicate()
        self.told += [json.loads(line) for line in rest.splitlines()]
        return self.process.returncode

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


def us(address: Address) -> tuple[str, ...]:
    return (str(address), "--sender", "DESK", "--target", "EXCH")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_it_stays_up_and_logs_out_when_stopped(tmp_path, number):
    async with Server("--port", "0") as server:
        address = await server.ready()
        async with Watcher(tmp_path, *us(address)) as watcher:
            await watcher.state("up")
            assert await watcher.end(number) == 0
        assert watcher.told[-1]["state"] == "ended"
        assert watcher.told[-1]["text"] == "Logged out."
        await server.terminate()
        assert "logged out\n" in await server.rest()


async def test_it_comes_back_to_an_exchange_that_was_killed(tmp_path):
    venue = tmp_path / "venue.yaml"
    venue.write_text("venue:\n  listen: 127.0.0.1:0\n  accept_any: true\n  store: {path: store}\n")
    async with Server(str(venue)) as server:
        address = await server.ready()
        async with Watcher(tmp_path / "state", *us(address)) as watcher:
            await watcher.state("up")
            await server.kill()
            lost = await watcher.state("waiting")
            assert lost["reason"] == "lost"
            again = ("--port", str(address.port), str(venue))
            async with Server(*again) as other:
                await other.ready()
                up = await watcher.state("up")
                assert up["next_out"] > 2
                assert await watcher.end() == 0
                await other.terminate()


async def test_what_was_given_up_is_tried_again_at_sigusr1(tmp_path):
    venue, password = tmp_path / "venue.yaml", tmp_path / "password"
    venue.write_text(
        "venue:\n  listen: 127.0.0.1:0\n  sessions:\n    - {name: desk, begin_string: FIX.4.4,\n"
        "       ours: EXCH, theirs: DESK, username: desk, password: '${file:secret}'}\n"
    )
    (tmp_path / "secret").write_text("right\n")
    password.write_text("wrong\n")
    async with Server(str(venue)) as server:
        address = await server.ready()
        login = ("--username", "desk", "--password-file", str(password))
        async with Watcher(tmp_path / "state", *us(address), *login) as watcher:
            stopped = await watcher.state("stopped")
            assert stopped["reason"] == "credentials-refused"
            watcher.process.send_signal(signal.SIGUSR1)
            waiting = await watcher.state("waiting")
            assert 50 < (waiting["next_ns"] - stopped["at_ns"]) / 1e9 < 61
            assert await watcher.end() == 1
        assert "wrong" not in json.dumps(watcher.told)
        await server.terminate()


async def test_it_ends_when_nobody_reads_what_it_says(tmp_path):
    async with Server("--port", "0") as server:
        address = await server.ready()
        async with Watcher(tmp_path, *us(address)) as watcher:
            await watcher.state("up")
            watcher.process._transport.get_pipe_transport(1).close()
            await server.terminate()
            async with asyncio.timeout(10):
                assert await watcher.process.wait() in (0, 1)

"""QuickFIX as the system under test of live scenarios: kept up, made to act, killed and started.

    python tools/quickfix.py SOCKET ask|restart WHAT     what `fixgate run --driver` calls

QuickFIX runs in a process of its own (fixgate.interop) with a store on disk. As a client it is
kept up: whenever its session has ended it connects again.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fixgate.interop import (
    EventKind,
    LogOn,
    LogOut,
    PeerError,
    PeerEvent,
    PeerRole,
    PeerSettings,
    QuickFixPeer,
    Send,
    VenueApplication,
)
from fixgate.interop.desk import order
from fixgate.interop.protocol import Command, Fields

__all__ = ["Keeper", "free_port", "play"]

PORTS = range(20_000, 32_000)
"""Below those that systems give to connections, which are many here."""

BACK_S = {PeerRole.ACCEPTOR: 0.05, PeerRole.INITIATOR: 2.0}
"""How long after the end of a session QuickFIX takes Logons again, or comes back by itself."""

START_S = 60.0
"""How long QuickFIX's process may take to be ready, on a machine that is busy."""

LOOK_S = 0.02
"""How often to look whether our venue listens already."""

NEWS = ((148, "news"), (33, "1"), (58, "line"))

_ORDER = re.compile(r"send an order to (buy|sell) (\d+) (\w+)(?: at (\d+))?")
_RESTART = re.compile(r"store (kept|lost|rolled_back)(?: (\d+) messages)?(?:, ([\d.]+) s later)?")
_NUMBERS = re.compile(r"(\d+) : (\d+)")


class CannotError(Exception):
    """QuickFIX cannot be made to do this; the text says why."""


class Keeper:
    """One process of QuickFIX, kept up, and made to act.

    Args:
        settings: What it is. With a folder and a port: it has to come back as it was.
        application: A venue's; ``None`` leaves answering to the process itself.
        credentials: Username(553) and Password(554) of a client.
        backup: Of a client: the port that it tries in turn with that of the settings; 0 for none.
    """

    def __init__(
        self,
        settings: PeerSettings,
        application: VenueApplication | None = None,
        credentials: tuple[str, str] | None = None,
        backup: int = 0,
    ) -> None:
        self.settings = settings
        self._application = application
        self._fields: Fields = tuple(zip((553, 554), credentials or (), strict=False))
        self._session = settings.sessions[0]
        self.backup = backup
        self._ports = itertools.cycle((settings.port, backup or settings.port))
        self._peer: QuickFixPeer | None = None
        self._last: dict[int, str] = {}
        self._later: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start it."""
        self._peer = await QuickFixPeer.start(
            self.settings, timeout_s=START_S, on_event=self._on_event
        )
        for session in self.settings.sessions:
            self._log_on(str(session))

    async def stop(self) -> None:
        """End it."""
        for task in self._later:
            task.cancel()
        peer, self._peer = self._peer, None
        if peer is not None:
            # In order, it would wait for a Logout from whoever plays dead in the end.
            await peer.kill()

    async def check(self) -> None:
        """Look whether it still runs.

        Raises:
            PeerError: Its process has ended by itself.
        """
        if self._peer is not None and self._peer.ended:
            raise PeerError(f"QuickFIX's process ended: {await self._peer.wait_ended()}")

    def _tell(self, commands: Iterable[Command]) -> None:
        if self._peer is not None:
            for command in commands:
                self._peer.tell(command)

    def _on_event(self, event: PeerEvent) -> None:
        if self._application is not None:
            with suppress(PeerError):
                self._tell(self._application.answer(event))
        if event.kind is EventKind.LOGOUT:
            task = asyncio.get_running_loop().create_task(self._come_back(event.session))
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def _come_back(self, session: str) -> None:
        await asyncio.sleep(BACK_S[self.settings.role])
        self._log_on(session)

    def _log_on(self, session: str) -> None:
        initiates = self.settings.role is PeerRole.INITIATOR
        port = next(self._ports) if initiates else 0
        with suppress(PeerError):  # `check` tells that it is gone
            self._tell([LogOn(session, self._fields, port=port)])

    async def do(self, verb: str, what: str) -> None:
        """Do what a scenario asks for.

        Raises:
            CannotError: It cannot.
        """
        if verb == "restart":
            await self._restart(what)
        else:
            self._tell([self._asked(what)])

    def _asked(self, what: str) -> Command:
        name = str(self._session)
        if "log out" in what:
            return LogOut(name)
        if "News" in what:
            return Send(name, "B", NEWS)
        if found := _ORDER.search(what):
            side, quantity, symbol, price = found.groups()
            fields = dict(order(self._session.version, _unique(), _now()))
            fields |= {54: "1" if side == "buy" else "2", 38: quantity, 55: symbol}
            self._last = fields | {44: price or fields[44]}
            return Send(name, "D", tuple(self._last.items()))
        if "cancel the order" in what and self._last:
            kept = {tag: self._last[tag] for tag in (55, 54, 60, 38) if tag in self._last}
            return Send(name, "F", ((41, self._last[11]), (11, _unique()), *kept.items()))
        raise CannotError("QuickFIX cannot be made to do this")

    async def _restart(self, what: str) -> None:
        found = _RESTART.fullmatch(what)
        folder = self.settings.folder
        if found is None or folder is None or self._peer is None:
            raise CannotError(f"QuickFIX cannot be restarted like this: {what}")
        fate, lost, down_s = found.groups()
        for task in self._later:
            task.cancel()
        peer, self._peer = self._peer, None
        await peer.kill()
        if self._application is not None:
            self._application.gone()
        if fate == "lost":
            shutil.rmtree(folder / "store", ignore_errors=True)
        elif fate == "rolled_back":
            roll_back(folder / "store", int(lost))
        await asyncio.sleep(float(down_s or 0))
        await self.start()


def roll_back(store: Path, lost: int) -> None:
    """Make QuickFIX's store an older copy, which lacks the last messages of either side."""
    for file in store.glob("*.seqnums"):
        found = _NUMBERS.match(file.read_text(encoding="ascii"))
        if found is not None:
            theirs = (max(int(number) - lost, 1) for number in found.groups())
            file.write_text(" : ".join(f"{number:010}" for number in theirs), encoding="ascii")


def _unique() -> str:
    return f"QF{datetime.now(UTC):%H%M%S%f}"


def _now() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H:%M:%S}"


async def play(keeper: Keeper, command: Sequence[str], told: Path) -> int:
    """Run a command of fixgate's that plays scenarios, with QuickFIX under test.

    Args:
        keeper: QuickFIX, not started yet; it is stopped afterwards.
        command: ``run`` or ``certify``, and its words; who is under test is added.
        told: What the command prints goes there.

    Returns:
        Its exit status.

    Raises:
        PeerError: QuickFIX did not start, or has ended by itself.
    """
    side = "--venue" if keeper.settings.role is PeerRole.ACCEPTOR else "--listen"
    whom = [side, f"127.0.0.1:{keeper.settings.port}"]
    if keeper.backup:
        whom += ["--backup", f"127.0.0.1:{keeper.backup}"]
    with tempfile.TemporaryDirectory() as folder, told.open("wb") as output:
        path = Path(folder) / "drive"
        server = await _listen(keeper, path)
        process: asyncio.subprocess.Process | None = None
        try:
            if keeper.settings.role is PeerRole.ACCEPTOR:
                await keeper.start()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "fixgate", *command, *whom, "--orders",
                "--driver", f"{sys.executable} {__file__} {path}", "--patience", "20s", "--plain",
                stdout=output, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            ended = asyncio.create_task(process.wait())
            if keeper.settings.role is PeerRole.INITIATOR:
                # It would write its first Logon to nobody, and be ahead by one.
                await _listened_to(keeper.settings.port, ended)
                await keeper.start()
            status = await ended
            await keeper.check()
        finally:
            if process is not None and process.returncode is None:
                process.kill()
            server.close()
            await keeper.stop()
    return status


async def _listened_to(port: int, ended: asyncio.Task[int]) -> None:
    """Wait until somebody listens on a port, or never will."""
    while is_free(port) and not ended.done():  # noqa: ASYNC110 - another process does not tell
        await asyncio.sleep(LOOK_S)


async def _listen(keeper: Keeper, path: Path) -> asyncio.Server:
    """Let drivers reach a keeper: a line with what to do, and one back with why not."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, _, what = (await reader.readline()).decode().strip().partition(" ")
        try:
            await keeper.do(verb, what)
            why_not = ""
        except (CannotError, PeerError) as error:
            why_not = str(error).replace("\n", " ")
        writer.write(f"{why_not}\n".encode())
        writer.close()

    return await asyncio.start_unix_server(serve, path)


def drive(path: str, verb: str, what: str) -> int:
    """Be the driver: hand over what to do; return 1 when it cannot be done."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        sock.sendall(f"{verb} {what}\n".encode())
        why_not = sock.makefile().readline().strip()
    print(why_not, file=sys.stderr)
    return 1 if why_not else 0


def is_free(port: int) -> bool:
    """Whether nobody listens on a port; whoever is about to is not hindered."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nobody uses now, and that no connection is given by chance."""
    return next(filter(is_free, (secrets.choice(PORTS) for _ in PORTS)))


if __name__ == "__main__":
    sys.exit(drive(*sys.argv[1:4]))

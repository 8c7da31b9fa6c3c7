"""Opens the connection of a plan, phase after phase under one deadline, all of it recorded.

A check and a session that is kept up begin alike; what the records mean is for others to say.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from fixgate.errors import ConfigError
from fixgate.health.events import (
    DeadlinePassed,
    PhaseEnded,
    PhaseStarted,
    Resolved,
    TcpConnected,
    TcpNoted,
    TlsFailed,
    TlsFailure,
)
from fixgate.health.model import CheckPlan, Phase
from fixgate.health.progress import NoProgress, Progress
from fixgate.health.translate import (
    not_opened,
    not_resolved,
    own_certificates,
    tls_failed,
    tls_stands,
)
from fixgate.history import History, Record
from fixgate.net.clock import Clock
from fixgate.net.opening import (
    Opened,
    OpenFailed,
    SocketAddress,
    TlsEstablished,
    connect_tcp,
    resolve,
    start_tls,
)
from fixgate.net.settings import ClientTls
from fixgate.net.tcp_info import read_tcp_info
from fixgate.net.tls import TlsClient

__all__ = ["Again", "Dialing", "OutOfTimeError", "Proceedings", "TlsClients"]

TlsClients = Callable[[ClientTls], TlsClient]
"""Returns what connections with the same settings share."""


class OutOfTimeError(Exception):
    """The deadline has passed; the history says so already."""


class Proceedings:
    """What is recorded of one plan, and how much time is left for it.

    Args:
        plan: What is asked.
        clock: The process's clock.
        history: Gets the records.
        progress: Told about each phase.

    Attributes:
        end_ns: When the deadline passes, by the clock that never steps.
    """

    def __init__(self, plan: CheckPlan, clock: Clock, history: History, progress: Progress) -> None:
        self.plan = plan
        self.clock = clock
        self.history = history
        self.end_ns = 0
        self._progress = progress
        self._sock: socket.socket | None = None

    def start(self) -> None:
        """Begin the plan's deadline."""
        self.end_ns = self.clock.steady_ns() + self.plan.deadline_ns

    def note(self, glyph: str, what: object) -> None:
        """Record something that happened now."""
        self.history.add(Record(self.clock.now_ns(), glyph, what))

    def begin(self, phase: Phase) -> None:
        """Record that a phase begins."""
        self.note("#", PhaseStarted(phase))
        self._progress.phase(self.plan, phase)

    def done(self, phase: Phase) -> None:
        """Record that a phase has ended, well or not."""
        self.note_tcp()
        self.note("#", PhaseEnded(phase))

    def watch(self, sock: socket.socket) -> None:
        """Record from now on how a connection stands at the end of each phase."""
        self._sock = sock

    def note_tcp(self) -> None:
        """Record how the connection stands, where there is one."""
        info = None if self._sock is None else read_tcp_info(self._sock)
        if info is not None:
            self.note("~", TcpNoted(info))

    def left_ns(self) -> int:
        """Return how much time is left, 0 when none is."""
        return max(self.end_ns - self.clock.steady_ns(), 0)

    def out_of_time(self) -> OutOfTimeError:
        """Record that time is up; return what to raise."""
        self.note_tcp()
        self.note("#", DeadlinePassed(self.plan.deadline_ns))
        return OutOfTimeError()


class Again(Proceedings):
    """The same plan on another connection, in the middle of a phase: it begins none of its own.

    Args:
        first: Whose records these go to.
        end_ns: When its time is up, by the clock that never steps.
    """

    def __init__(self, first: Proceedings, end_ns: int) -> None:
        super().__init__(first.plan, first.clock, first.history, NoProgress())
        self.end_ns = end_ns

    def begin(self, phase: Phase) -> None:
        """Record nothing."""

    def done(self, phase: Phase) -> None:
        """Record nothing."""


class Dialing:
    """Opens one connection, once.

    Args:
        proceedings: Whose connection, and where it is recorded.
        tls_clients: See `TlsClients`.
    """

    def __init__(self, proceedings: Proceedings, tls_clients: TlsClients) -> None:
        self._proceedings = proceedings
        self._tls_clients = tls_clients

    async def open(self) -> Opened | None:
        """Resolve the name and connect; ``None`` when that failed.

        Raises:
            OutOfTimeError: The deadline passed.
        """
        addresses = await self._resolve()
        if addresses is None:
            return None
        run = self._proceedings
        run.begin(Phase.TCP)
        result = await connect_tcp(addresses, timeout_ns=run.left_ns(), clock=run.clock)
        if isinstance(result, OpenFailed):
            run.note("~", not_opened(result))
            run.done(Phase.TCP)
            return None
        run.note("~", TcpConnected(str(result.address), _local(result)))
        run.watch(result.sock)
        run.done(Phase.TCP)
        return result

    async def _resolve(self) -> tuple[SocketAddress, ...] | None:
        run = self._proceedings
        run.begin(Phase.RESOLVE)
        address = run.plan.address
        try:
            async with asyncio.timeout(run.left_ns() / 1e9):
                found = await resolve(address)
        except TimeoutError:
            raise run.out_of_time() from None
        if isinstance(found, OpenFailed):
            run.note("~", not_resolved(address, found))
        else:
            run.note("~", Resolved(address.host, tuple(each.host for each in found)))
        run.done(Phase.RESOLVE)
        return None if isinstance(found, OpenFailed) else found

    async def open_all(self) -> tuple[Opened, TlsEstablished | None] | None:
        """Resolve, connect and, where the plan has it, shake hands; ``None`` when that failed.

        Raises:
            OutOfTimeError: The deadline passed.
        """
        opened = await self.open()
        if opened is None or self._proceedings.plan.tls is None:
            return None if opened is None else (opened, None)
        tls = await self.start_tls(opened)
        return None if tls is None else (opened, tls)

    async def start_tls(self, opened: Opened) -> TlsEstablished | None:
        """Shake hands on a connection; ``None`` when that failed, and the connection is closed."""
        run = self._proceedings
        run.begin(Phase.TLS)
        settings = run.plan.tls or ClientTls()
        try:
            client = self._tls_clients(settings)
        except ConfigError as error:
            opened.close()
            run.note("~", TlsFailed(TlsFailure.LOCAL, str(error)))
            return None
        if client.own:
            run.note("#", own_certificates(client.own))
        result = await start_tls(
            opened,
            client,
            run.plan.address.host,
            timeout_ns=run.left_ns(),
            clock=run.clock,
            failing=run.note_tcp,
        )
        if isinstance(result, TlsEstablished):
            run.note("~", tls_stands(result.facts))
        else:
            run.note("~", tls_failed(result))
        run.done(Phase.TLS)
        return result if isinstance(result, TlsEstablished) else None


def _local(opened: Opened) -> str:
    host, port = opened.sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

"""Starts and stops QuickFIX's process from asyncio, and waits for what it tells.

Every wait has an end. Leaving the ``async with`` stops the process in order, or kills it when it
does not end; if we die ourselves, its stdin closes and it ends by itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import fixgate
from fixgate.errors import FixgateError
from fixgate.interop.distribution import find_distribution
from fixgate.interop.protocol import (
    AskNumbers,
    Command,
    EventKind,
    LineError,
    PeerEvent,
    SetNumbers,
    Stop,
    read_event,
    write_command,
)
from fixgate.interop.settings import PeerSettings, write_settings
from fixgate.wire.mask import mask

__all__ = ["PeerError", "QuickFixPeer"]

_MODULE = "fixgate.interop.quickfix_peer"
_LINE_LIMIT_BYTES = 1 << 20
_TAIL_LINES = 20
_FOR_WAITERS = (EventKind.READY, EventKind.NUMBERS, EventKind.STOPPED)
_KILL_S = 5.0
"""After a kill, how long the system may take to tell us."""


OnEvent = Callable[[PeerEvent], None]


class PeerError(FixgateError):
    """QuickFIX's process did not do what it was to do in time, or is gone; the text says what."""


class QuickFixPeer:
    """QuickFIX in a process of its own; made by `start`.

    Waiting consumes: `until` looks at what has not been looked at yet, and everything up to what
    it finds counts as seen. `events` keeps all.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        settings: PeerSettings,
        on_event: OnEvent | None = None,
    ) -> None:
        self.settings = settings
        self._on_event = on_event
        self.events: list[PeerEvent] = []
        """Everything it has told, in order."""
        self.port = 0
        """Where an acceptor listens."""
        self._process = process
        self._seen = 0
        self._news = asyncio.Event()
        self._ended = False
        self._told: deque[PeerEvent] = deque(maxlen=_TAIL_LINES)
        self._said: deque[str] = deque(maxlen=_TAIL_LINES)
        self._readers = [
            asyncio.create_task(self._read_events()),
            asyncio.create_task(self._read_words()),
        ]

    @classmethod
    async def start(
        cls, settings: PeerSettings, *, timeout_s: float = 10, on_event: OnEvent | None = None
    ) -> Self:
        """Start the process and wait until it is ready.

        Args:
            settings: What it is to be.
            timeout_s: For it to be ready.
            on_event: Gets everything as it comes; `events` then keeps only what there are methods
                to wait for. ``None`` keeps everything there.

        Raises:
            EngineUnavailable: QuickFIX is not installed.
            PeerError: It does not come up; what it said is in the text.
        """
        find_distribution()
        if settings.folder is not None:
            settings.folder.mkdir(parents=True, exist_ok=True)
        # The child is to run the same fixgate as we do, wherever ours was imported from.
        ours = str(Path(fixgate.__file__).parent.parent)
        paths = [ours, *filter(None, [os.environ.get("PYTHONPATH")])]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT_BYTES,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        peer = cls(process, settings, on_event)
        try:
            if process.stdin is not None:
                process.stdin.write(write_settings(settings).encode("utf-8"))
            peer.port = (await peer.until(EventKind.READY, timeout_s=timeout_s)).port
        except BaseException:
            await peer.kill()
            raise
        return peer

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has closed its stdout: it is gone, or going."""
        return self._ended

    async def wait_ended(self) -> str:
        """Wait until the process is gone, or going; return the last of what it told and said."""
        await asyncio.wait(self._readers)
        return self._story().strip()

    # What it tells.

    async def _read_events(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            while line := await stdout.readline():
                self._take(read_event(line.decode("utf-8")))
                self._news.set()
        except (LineError, ValueError) as error:
            self._said.append(f"its stdout is not ours: {error}")
        finally:
            self._ended = True
            self._news.set()

    def _take(self, event: PeerEvent) -> None:
        self._told.append(event)
        if self._on_event is not None:
            self._on_event(event)
            if event.kind not in _FOR_WAITERS:
                return
            del self.events[: self._seen]
            self._seen = 0
        self.events.append(event)

    async def _read_words(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        while words := await stderr.read(4096):
            self._said.extend(words.decode("utf-8", "replace").splitlines())

    async def until(
        self,
        kind: EventKind,
        *,
        msg_type: str = "",
        where: Callable[[PeerEvent], bool] = lambda _: True,
        timeout_s: float = 5,
    ) -> PeerEvent:
        """Wait for an event, and return it.

        Args:
            kind: What it is.
            msg_type: MsgType(35) of its message; any when empty.
            where: What else must hold.
            timeout_s: For it to come.

        Raises:
            PeerError: It does not come in time, or the process is gone.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for event in self.unseen():
                        fits = event.kind is kind and msg_type in ("", event.msg_type)
                        if fits and where(event):
                            return event
                    if self._ended:
                        raise PeerError(f"QuickFIX's process ended: {self._story()}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            wanted = " ".join(filter(None, (kind.value, msg_type)))
            text = f"QuickFIX did not tell {wanted!r} within {timeout_s:g} s: {self._story()}"
            raise PeerError(text) from None

    def unseen(self) -> Iterator[PeerEvent]:
        """Yield the events that nobody has waited for yet, each of them once."""
        while self._seen < len(self.events):
            self._seen += 1
            yield self.events[self._seen - 1]

    def _story(self) -> str:
        """Return the last of what it told and said, for a text."""
        told = [_describe(event) for event in self._told]
        return "\n".join(["", *told, *self._said])

    # What it is told.

    def tell(self, command: Command) -> None:
        """Give it a command; it is obeyed in its turn.

        Raises:
            PeerError: The process is gone.
        """
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing() or self._ended:
            raise PeerError(f"QuickFIX's process ended: {self._story()}")
        stdin.write(write_command(command).encode("utf-8"))

    async def numbers(self, session: str) -> tuple[int, int]:
        """Return the MsgSeqNum(34) that a session sends next, and that it expects next.

        Args:
            session: Its name, as `PeerSession` writes it.

        Raises:
            PeerError: The process does not answer.
        """
        self.tell(AskNumbers(session))
        told = await self.until(EventKind.NUMBERS, where=lambda event: event.session == session)
        return told.next_out, told.next_in

    async def set_numbers(
        self, session: str, *, next_out: int | None = None, next_in: int | None = None
    ) -> None:
        """Move a session's numbers in QuickFIX's store; see `SetNumbers`.

        Raises:
            PeerError: The process does not answer.
        """
        self.tell(SetNumbers(session, next_out, next_in))
        await self.until(EventKind.NUMBERS, where=lambda event: event.session == session)

    # The end.

    async def stop(self, text: str = "", *, timeout_s: float = 5) -> int:
        """Log everyone out, end the process, and return its exit status.

        Args:
            text: Text(58) of the Logouts.
            timeout_s: For it to end by itself; then it is killed.
        """
        with suppress(PeerError, ConnectionError):
            self.tell(Stop(text))
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        return await self.kill()

    async def kill(self) -> int:
        """End the process now, as ``kill -9`` does, and return its exit status."""
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        async with asyncio.timeout(_KILL_S):
            status = await self._process.wait()
            await asyncio.gather(*self._readers)
        return status

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await (self.stop() if error is None else self.kill())


def _describe(event: PeerEvent) -> str:
    details = [event.kind.value, event.session, mask(event.message), event.text]
    if event.kind is EventKind.NUMBERS:
        details.append(f"next out {event.next_out}, next in {event.next_in}")
    return " ".join(filter(None, details))

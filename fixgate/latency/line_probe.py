"""Opens a TCP connection to the venue while a reply is overdue, and closes it again.

SYN and SYN/ACK are the two kernels' affair alone: what they take just then tells the line from the
gateway (docs/triage.md). It is done only where it was asked for, since venues count connections.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from fixgate.net.clock import Clock
from fixgate.net.opening import Opened, OpenFailed, SocketAddress, connect_tcp, resolve
from fixgate.net.settings import Address
from fixgate.net.tcp_info import read_tcp_info
from fixgate.triage.model import Exchange, Sample, StampSource

__all__ = ["MOST_CONNECTS", "LineProbe"]

MOST_CONNECTS = 500
"""In a run, on each session."""

_APART_S = 0.02
_PATIENCE_NS = 2_000_000_000


class LineProbe:
    """Connections that are opened while replies are overdue, on one session.

    Args:
        session: Its name.
        address: Where its venue is.
        after_ns: A reply is overdue after so long.
        clock: The process's clock.

    Attributes:
        samples: What the connects took, as samples of `Exchange.TCP`.
    """

    def __init__(self, session: str, address: Address, after_ns: int, clock: Clock) -> None:
        self.samples: list[Sample] = []
        self._session = session
        self._address = address
        self._after_s = after_ns / 1e9
        self._clock = clock
        self._probing: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._found: tuple[SocketAddress, ...] = ()

    def asked(self, is_open: Callable[[], bool]) -> None:
        """Look after a request that has just been sent.

        Args:
            is_open: Whether its reply is owed still.
        """
        asyncio.get_running_loop().call_later(self._after_s, self._look, is_open)

    def _look(self, is_open: Callable[[], bool]) -> None:
        now = asyncio.get_running_loop().time()
        busy = self._probing is not None and not self._probing.done()
        if busy or now < self._not_before or len(self.samples) >= MOST_CONNECTS or not is_open():
            return
        self._not_before = now + _APART_S
        self._probing = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        if not self._found:
            found = await resolve(self._address)
            self._found = () if isinstance(found, OpenFailed) else found[:1]
        begin_ns = time.time_ns()
        opened = await connect_tcp(self._found, timeout_ns=_PATIENCE_NS, clock=self._clock)
        end_ns = time.time_ns()
        if isinstance(opened, Opened):
            self._take(opened, begin_ns, end_ns)

    def _take(self, opened: Opened, begin_ns: int, end_ns: int) -> None:
        info = read_tcp_info(opened.sock)
        opened.close()
        # The kernel knows how long its round trip took, not when.
        rtt_ns = info.rtt_ns if info is not None else 0
        self.samples.append(
            Sample(
                Exchange.TCP,
                f"while overdue {len(self.samples) + 1}",
                begin_ns,
                end_ns,
                source=StampSource.KERNEL if rtt_ns else StampSource.USER,
                sent_ns=begin_ns if rtt_ns else None,
                received_ns=begin_ns + rtt_ns if rtt_ns else None,
                tcp_after=info,
                session=self._session,
            )
        )

    async def close(self) -> None:
        """Wait for nothing more."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait([self._probing])

"""What a session sends, on its way from the store to the socket.

Store before send: nothing is written to the socket before the store has it as it should. Where
that takes a while, because a disk is waited for, what follows is held too, in its order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from fixgate.errors import StoreError
from fixgate.session.session import Session

__all__ = ["Outgoing"]

_ALL = 1 << 63


class Outgoing:
    """Takes the output of one session to one connection.

    Args:
        session: The session.
        write: Writes to the socket.
        go_on: Is called when something that was held has been written.
        failed: Is called when what is held could not be stored; it stays held.

    Attributes:
        held_bytes: What waits for the store.
    """

    __slots__ = ("_failed", "_go_on", "_held", "_output", "_store", "_write", "held_bytes")

    def __init__(
        self,
        session: Session,
        *,
        write: Callable[[bytes], None],
        go_on: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._output = session.output
        self._store = session.store
        self._write = write
        self._go_on = go_on
        self._failed = failed
        self._held: deque[tuple[int, bytes]] = deque()
        self.held_bytes = 0
        self._store.watch(self._on_stored)

    def push(self) -> None:
        """Store what the session has recorded, and write what it wants to send.

        Raises:
            StoreError: The store cannot be written; nothing of this turn has been sent.
        """
        out = self._output()
        try:
            number = self._store.flush()
        except StoreError:
            self._hold(0, out)
            raise
        if number or self._held:
            self._hold(number, out)
            if not number:
                self._release(_ALL)
        elif out:
            self._write(out)

    def _hold(self, number: int, out: bytes) -> None:
        if out:
            self._held.append((number, out))
            self.held_bytes += len(out)

    def _release(self, stored: int) -> None:
        held = self._held
        while held and held[0][0] <= stored:
            _, out = held.popleft()
            self.held_bytes -= len(out)
            self._write(out)

    def _on_stored(self, number: int, error: BaseException | None) -> None:
        if error is not None:
            self._failed(error)
        elif self._held:
            self._release(number)
            self._go_on()

    def close(self) -> None:
        """The connection is gone: what is held goes nowhere; the store has it."""
        self._store.watch(None)
        self._held.clear()
        self.held_bytes = 0

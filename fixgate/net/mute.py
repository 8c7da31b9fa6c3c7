"""A connection to a port that is silent on purpose."""

from __future__ import annotations

from fixgate.faults import Silence
from fixgate.history import History, Record
from fixgate.net.arrival import Arrival, Host
from fixgate.net.clock import Clock
from fixgate.net.settings import ListenSettings

__all__ = ["MutePeer"]


class MutePeer(Arrival):
    """A connection to a port that is silent on purpose.

    Args:
        host: Who gives it a place.
        listen: The port that it came to.
        clock: The process's clock.
        history: Gets the fault that it meets.
    """

    __slots__ = ("_clock", "_fault", "_history")

    def __init__(self, host: Host, listen: ListenSettings, clock: Clock, history: History) -> None:
        super().__init__(host, listen)
        self._clock = clock
        self._history = history
        self._fault = Silence()

    def entered(self) -> None:
        """Note the fault."""
        self._history.add(Record(self._clock.now_ns(), "!", self._fault))

    def data_received(self, data: bytes) -> None:
        """Let the fault have the bytes; what it leaves would be answered."""
        answer = self._fault.outbound(self._fault.inbound(data))
        if answer and self.transport is not None:
            self.transport.write(answer)

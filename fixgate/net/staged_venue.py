"""A venue that takes its time: the stages of matching and of reports, and the stamps.

Theory of operation
-------------------
It stands between the gateway and the venue, only where a venue file has ``stages``; to the gateway
it is a venue whose replies come later. A request is given to the venue, and so decided, when it
leaves the matching stage: two that race are decided in the order in which they came, and a request
of a client that has gone is executed all the same. That a client has gone is told to the venue
behind the client's requests that wait, and its later requests wait for that.

Replies are numbered by the session when they leave the stage of reports, in order for each client.

What waits is bounded: a client for whom `MAX_WAITING` requests and reports wait is refused.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from fixgate.net.stages import StageWorks, Stay, name_of
from fixgate.net.waiting import Waiting
from fixgate.venue import Client, Reply, Venue
from fixgate.venue.bodies import value_of
from fixgate.venue.rejects import BusinessRejectReason, business_reject
from fixgate.venue.stages import Partition, RequestStamp, Stage, StageName
from fixgate.venue.stamps import Course, stamp
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["MAX_WAITING", "StagedVenue"]

MAX_WAITING = 100_000
"""Requests and reports of one client that may wait at once, some 2 KB each."""

Deliver = Callable[[Sequence[Reply], int], None]
"""Sends replies now, outside of any session's turn."""


_Waiter = tuple[Stay | None, Callable[[int], list[Reply]]]
"""What is to be done at its instant; ``None`` for what is no message."""

_log = logging.getLogger("fixgate.gateway")


@dataclass(frozen=True, slots=True)
class _Request:
    """A request on its way; instants by `Clock.steady_ns`.

    Attributes:
        client: Whose it is.
        message: What it says.
        poss_resend: PossResend(97)=Y.
        arrived_ns: It was read from its connection.
        entered_ns: The matching engine had it.
    """

    client: Client
    message: Message
    poss_resend: bool
    arrived_ns: int
    entered_ns: int


class StagedVenue:
    """A venue behind its stages; implements `fixgate.venue.Venue`.

    Args:
        inner: The venue.
        works: The gateway's stages.
        symbols: The instruments that have a matching engine of their own, where each has one.
        digits: Returns of a client how many digits of a second TransactTime(60) has.
        deliver: Sends what is said later.
        max_waiting: Requests and reports of one client that may wait at once.
    """

    def __init__(
        self,
        inner: Venue,
        works: StageWorks,
        symbols: frozenset[bytes],
        digits: Callable[[str], int],
        deliver: Deliver,
        *,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._inner = inner
        self._works = works
        self._clock = works.clock
        self._digits = digits
        self._deliver = deliver
        self._engines = _engines(works, symbols)
        self._matching: Waiting[_Waiter] = Waiting(works.clock, self._matched)
        self._max_waiting = max_waiting
        self._held: Counter[str] = Counter()
        self._last_ns: dict[str, int] = {}
        self._gone_ns: dict[str, int] = {}
        self._way_back = works.stage(StageName.REPORTS)
        self._reports: Waiting[tuple[Stay, Reply]] = Waiting(works.clock, self._reported)

    def logged_on(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session is up."""
        return self._send_back(self._inner.logged_on(client, now_ns))

    def logged_out(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session has ended: what it had asked for before comes first."""
        tell = partial(self._inner.logged_out, client)
        if not self._engines:
            return self._send_back(tell(now_ns))
        due_ns = max(self._clock.steady_ns(), self._last_ns.get(client.key, 0))
        self._gone_ns[client.key] = due_ns
        self._matching.put((None, tell), due_ns)
        return []

    def on_message(
        self, client: Client, message: Message, now_ns: int, *, poss_resend: bool = False
    ) -> list[Reply]:
        """An application message came: it is for the matching engine of its instrument."""
        if self._held[client.key] >= self._max_waiting:
            return [self._too_many(client, message)]
        entered_ns, arrived_ns = self._clock.steady_ns(), self._works.arrived_ns
        arrived_ns = entered_ns if arrived_ns is None else arrived_ns
        request = _Request(client, message, poss_resend, arrived_ns, entered_ns)
        if not self._engines:
            return self._send_back(self._execute(request, now_ns))
        symbol = message.get(Tag.Symbol)
        engine = self._engines.get(symbol) or self._engines[None]
        due_ns = engine.admit(None, entered_ns, self._gone_ns.get(client.key, 0))
        self._last_ns[client.key] = max(due_ns, self._last_ns.get(client.key, 0))
        stay = Stay(StageName.MATCHING, client.key, *name_of(message), entered_ns, due_ns)
        self._matching.put((stay, partial(self._execute, request)), due_ns)
        self._held[client.key] += 1
        return []

    def _too_many(self, client: Client, message: Message) -> Reply:
        return business_reject(
            client.key,
            client.version,
            message,
            reason=BusinessRejectReason.APPLICATION_NOT_AVAILABLE,
            text=b"Too many requests and reports wait: at most %d" % self._max_waiting,
        )

    def _execute(self, request: _Request, now_ns: int) -> list[Reply]:
        client, message = request.client, request.message
        replies = self._inner.on_message(client, message, now_ns, poss_resend=request.poss_resend)
        stamps = self._works.settings.stamps
        if stamps is None:
            return replies
        entered_ns = self._clock.utc_ns(request.entered_ns)
        behind = stamps is RequestStamp.BEHIND_GATEWAY
        request_ns = entered_ns if behind else self._clock.utc_ns(request.arrived_ns)
        course = Course(request_ns, entered_ns, now_ns)
        return [
            stamp(reply, course, client, message, self._digits(reply.client_key))
            for reply in replies
        ]

    # What has waited long enough.

    def _matched(self, due: list[_Waiter]) -> None:
        for stay, execute in due:
            if stay is not None:
                self._held[stay.session] -= 1
                self._works.tell(stay)
            now_ns = self._clock.now_ns()
            try:
                self._deliver(self._send_back(execute(now_ns)), now_ns)
            except Exception as error:
                # The outermost frame: what the others have asked for is done all the same.
                _log.error("! a request is lost by a fault of fixgate", exc_info=error)

    def _send_back(self, replies: list[Reply]) -> list[Reply]:
        """Return the replies that can be sent now; the others follow."""
        way_back = self._way_back
        if way_back is None:
            return replies
        came_ns = self._clock.steady_ns()
        for reply in replies:
            key, msg_type = reply.client_key, reply.msg_type.decode("latin-1")
            name = (value_of(reply.body, Tag.ClOrdID) or b"").decode("latin-1")
            due_ns = way_back.admit(key, came_ns)
            stay = Stay(StageName.REPORTS, key, msg_type, name, came_ns, due_ns)
            self._reports.put((stay, reply), due_ns)
            self._held[key] += 1
        return []

    def _reported(self, due: list[tuple[Stay, Reply]]) -> None:
        for stay, _ in due:
            self._held[stay.session] -= 1
            self._works.tell(stay)
        self._deliver([reply for _, reply in due], self._clock.now_ns())

    # The end.

    def drain(self) -> None:
        """Let nothing wait: the venue closes, and does what it has been asked before."""
        self._matching.drain()
        self._reports.drain()

    def kill(self) -> None:
        """Do nothing more of what waits."""
        self._last_ns.clear()
        for stay, _ in self._matching.clear():
            if stay is not None:
                self._works.tell(stay, left=False)
        for stay, _ in self._reports.clear():
            self._works.tell(stay, left=False)


def _engines(works: StageWorks, symbols: frozenset[bytes]) -> dict[bytes | None, Stage]:
    """Return who matches which instrument, ``None`` for all others; empty without such a stage."""
    apart = symbols if works.settings.partition is Partition.INSTRUMENT else ()
    found = {symbol: works.stage(StageName.MATCHING) for symbol in (None, *apart)}
    return {symbol: stage for symbol, stage in found.items() if stage is not None}

"""Catalogue: what can be wrong with a line."""

from __future__ import annotations

from functools import partial

from fixgate.faults.armed import Way
from fixgate.faults.model import (
    Blackhole,
    Chop,
    Coalesce,
    Cut,
    EndConnection,
    Ending,
    RefuseConnections,
    SlowClose,
    Stall,
    Throttle,
)
from fixgate.faults.spec import ActsOn, FaultSpec, Group, Kind, Param

__all__ = ["LINE"]

_OUT = (Way.OUT,)
_SECOND = 1_000_000_000
_SIZE = Param("size", Kind.COUNT, "Bytes of a piece", 1, low=1, high=1_000_000)

LINE = (
    FaultSpec(
        "split", Group.STREAM,
        "Messages come in pieces",
        "TCP knows no messages: a segment may end anywhere. Who takes one read for one message"
        " works in the office and fails on the line.",
        "The same bytes in many small segments.",
        lambda size: Chop(size), (_SIZE,), ActsOn.BYTES,
    ),
    FaultSpec(
        "drip", Group.STREAM,
        "Messages come in pieces with pauses between them",
        "A slow loris, or a line that is choked. Half a message is no sign of life, and must not"
        " hold up anybody else.",
        "A piece, a pause, a piece.",
        lambda size, pause: Chop(size, pause),
        (_SIZE, Param("pause", Kind.DURATION, "Between two pieces", 100_000_000, low=1)),
        ActsOn.BYTES,
    ),
    FaultSpec(
        "coalesce", Group.STREAM,
        "Messages wait for one another and come in one piece",
        "Nagle's algorithm, or a batching gateway: several messages in one read.",
        "One segment with several messages.",
        lambda messages, within: Coalesce(messages, within),
        (
            Param("messages", Kind.COUNT, "So many at once", 2, low=2, high=10_000),
            Param("within", Kind.DURATION, "Fewer when so long has passed", _SECOND, low=1),
        ),
        ActsOn.BYTES,
    ),
    FaultSpec(
        "throttle", Group.STREAM,
        "The line is slow",
        "A resend of a day's messages over a line with a cap. Heartbeats queue behind it.",
        "No more than so many bytes a second, in pieces of a tenth of a second's.",
        Throttle,
        (Param("bytes_per_s", Kind.COUNT, "How fast", low=1, high=10**12),),
        ActsOn.BYTES,
    ),
    FaultSpec(
        "stall", Group.STREAM,
        "Nothing moves for a while; then all of it comes at once",
        "A pause for garbage collection, a virtual machine that is moved, a switch that converges."
        " Heartbeats of several intervals come in one read.",
        "Silence, then everything that has waited.",
        lambda lasting: Stall(lasting),
        (Param("lasting", Kind.DURATION, "How long", low=1),),
        ActsOn.CONNECTION,
    ),
    FaultSpec(
        "fin", Group.CONNECTION,
        "Our half of the connection is closed without a Logout",
        "A process that was stopped carelessly. The counterparty is to close, and to log on again"
        " with the numbers that it has.",
        "FIN.",
        partial(EndConnection, Ending.FIN), (), ActsOn.CONNECTION,
    ),
    FaultSpec(
        "rst", Group.CONNECTION,
        "The connection is reset",
        "A crash, a firewall, a load balancer that fails over. What was on the way is lost on both"
        " sides.",
        "RST.",
        partial(EndConnection, Ending.RST), (), ActsOn.CONNECTION,
    ),
    FaultSpec(
        "half_open", Group.CONNECTION,
        "We forget the connection, and the counterparty is not told",
        "Power loss, or a firewall that forgets. Only heartbeats tell; and when we log on again the"
        " old connection must not stand in the way.",
        "Nothing, whatever is sent to us.",
        partial(EndConnection, Ending.SILENT), (), ActsOn.CONNECTION,
    ),
    FaultSpec(
        "cut", Group.CONNECTION,
        "The connection ends in the middle of a message",
        "The half message was never received: its number is to be asked for, not skipped.",
        "The beginning of a message, then FIN, RST or nothing.",
        lambda after_bytes, how: Cut(after_bytes, how),
        (
            Param(
                "after_bytes", Kind.COUNT, "Bytes that go out; half when not said", None, low=0
            ),
            Param("how", Kind.CHOICE, "How the connection ends", Ending.RST, choices=Ending),
        ),
        ActsOn.MESSAGES, _OUT,
    ),
    FaultSpec(
        "blackhole", Group.CONNECTION,
        "What either side writes vanishes, and nobody is told",
        "A route that is gone. Unlike half_open, both sides believe in the connection, and what was"
        " written in the meantime is missing when the line comes back.",
        "Nothing; after `clear` a gap.",
        Blackhole, (), ActsOn.CONNECTION,
    ),
    FaultSpec(
        "slow_close", Group.CONNECTION,
        "Our half of the connection is closed late",
        "After the Logouts have been exchanged, the connection stays for a while. Who waits for its"
        " end without a deadline hangs.",
        "FIN comes so much later.",
        lambda by: SlowClose(by),
        (Param("by", Kind.DURATION, "How much later", low=1),),
        ActsOn.CONNECTION, _OUT,
    ),
    FaultSpec(
        "refuse_connections", Group.CONNECTION,
        "New connections end as soon as they are made",
        "The venue is down, or its load balancer has nobody behind it. A client has to try again"
        " with growing pauses, and at the backup's address.",
        "The connection is accepted, and reset, closed, or left alone.",
        lambda how: RefuseConnections(how),
        (Param("how", Kind.CHOICE, "How they end", Ending.RST, choices=Ending),),
        ActsOn.LISTENER, (Way.IN,),
    ),
)  # fmt: skip

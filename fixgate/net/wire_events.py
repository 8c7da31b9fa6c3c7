"""What a stamped connection tells of each byte's way, as events for the history.

A message that was sent is in the history before the `BytesWritten` that took it along; one that
was received comes after the `BytesRead` that ended it. Offsets count the bytes of the connection,
as they go over the wire, from the first one on that is stamped.
"""

from __future__ import annotations

from typing import NamedTuple

from fixgate.net.stamps import StampKind

__all__ = ["BytesRead", "BytesStamped", "BytesWritten", "StampsAbsent"]


class StampsAbsent(NamedTuple):
    """The kernel stamps nothing on this connection, and why."""

    reason: str


class BytesWritten(NamedTuple):
    """Bytes were given to the kernel.

    Attributes:
        end: One more than the offset of the last.
        at_ns: Just before, CLOCK_REALTIME.
        monotonic_ns: The same instant by the monotonic clock, to tell when the other was set.
        tcp: The connection then; see `fixgate.net.tcp_info`.
    """

    end: int
    at_ns: int
    monotonic_ns: int
    tcp: bytes


class BytesStamped(NamedTuple):
    """The kernel stamped what was written.

    Attributes:
        end: One more than the offset of the byte that it is of; all before it were no later.
        kind: Where on its way.
        software_ns: When, CLOCK_REALTIME; 0 for unknown.
        hardware_ns: When, by the network card's clock; 0 for unknown.
    """

    end: int
    kind: StampKind
    software_ns: int
    hardware_ns: int


class BytesRead(NamedTuple):
    """Bytes were read from the kernel, with one read.

    Attributes:
        size: How many.
        at_ns: Just after, CLOCK_REALTIME.
        monotonic_ns: The same instant by the monotonic clock.
        software_ns: When the newest of the packets came that they are from; 0 for unknown.
        hardware_ns: The same by the network card's clock; 0 for unknown.
        whole: They end where a TLS record does; always so without TLS.
        tcp: The connection then.
    """

    size: int
    at_ns: int
    monotonic_ns: int
    software_ns: int
    hardware_ns: int
    whole: bool
    tcp: bytes

"""What a venue says of its own stages, read from its reply.

==================================  ======================================================
field                               what it says
==================================  ======================================================
RequestTime(5979)                   the gateway had the request. User-defined; CME and Eurex
                                    write nanoseconds since the epoch
TrdRegTimestamp(769) of type 2      Time In: the matching engine had it
TrdRegTSTimeIn(21002)               the same, where it is finer or 769 is not there.
                                    User-defined; Eurex writes nanoseconds since the epoch
TransactTime(60)                    the matching engine was done
TrdRegTimestamp(769) of type 3      Time Out: the same, where it is finer or 60 is not there
SendingTime(52)                     the reply left; of a message that is sent again,
                                    OrigSendingTime(122)
==================================  ======================================================

Spec: FIX 5.0, component TrdRegTimestamps and TrdRegTimestampType(770); FIX 4.0 volume 2 for the
others. RequestTime(5979), TrdRegTSTimeIn(21002): CME iLink 3, Eurex T7 ETI message references.
"""

from __future__ import annotations

from typing import NamedTuple

from fixgate.triage.model import VenueTimes
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag
from fixgate.wire.timestamps import parse_utc_timestamp

__all__ = ["venue_times"]

_TIME_IN = b"2"
_TIME_OUT = b"3"

_UNITS_NS = {10: 1_000_000_000, 13: 1_000_000, 16: 1_000, 19: 1}
"""What a whole number counts, by its digits: they are its alone from 2001 to 2286."""

_FINEST_NS = {0: 1_000_000_000, 3: 1_000_000, 6: 1_000, 9: 1, 12: 1}


class _Read(NamedTuple):
    """An instant as it was written: nanoseconds since the epoch, and how fine."""

    ns: int
    precision_ns: int


def venue_times(message: Message) -> VenueTimes | None:
    """Return what a venue's reply says of the venue's stages.

    Never raises: a field that is no instant counts as not there.

    Args:
        message: A reply of the venue, decoded.

    Returns:
        The instants that could be read; ``None`` where there was none.
    """
    marked = _marked(message)
    request = _instant(message.get(Tag.RequestTime))
    entered = _finer(marked.get(_TIME_IN), _instant(message.get(Tag.TrdRegTSTimeIn)))
    transact = _finer(_instant(message.get(Tag.TransactTime)), marked.get(_TIME_OUT))
    again = message.get(Tag.PossDupFlag) == b"Y"
    sending = _instant(message.get(Tag.OrigSendingTime if again else Tag.SendingTime))
    read = [each for each in (request, entered, transact, sending) if each is not None]
    if not read:
        return None
    return VenueTimes(
        request_ns=_ns(request),
        transact_ns=_ns(transact),
        sending_ns=_ns(sending),
        precision_ns=max(each.precision_ns for each in read),
        entered_ns=_ns(entered),
    )


def _marked(message: Message) -> dict[bytes, _Read]:
    """Return the instants of TrdRegTimestamps by their type, the first of each."""
    found: dict[bytes, _Read] = {}
    if Tag.TrdRegTimestamp not in message:
        return found
    stamp: _Read | None = None
    for tag, value in message.fields():
        if tag == Tag.TrdRegTimestamp:
            stamp = _instant(value)
        elif tag == Tag.TrdRegTimestampType and stamp is not None:
            found.setdefault(value, stamp)
            stamp = None
    return found


def _instant(value: bytes | None) -> _Read | None:
    if value is None:
        return None
    if value.isdigit():
        unit_ns = _UNITS_NS.get(len(value))
        return None if unit_ns is None else _Read(int(value) * unit_ns, unit_ns)
    read = parse_utc_timestamp(value)
    return None if read is None else _Read(read.ns, _FINEST_NS[read.digits])


def _finer(one: _Read | None, other: _Read | None) -> _Read | None:
    if one is None or other is None:
        return one or other
    return other if other.precision_ns < one.precision_ns else one


def _ns(read: _Read | None) -> int | None:
    return None if read is None else read.ns

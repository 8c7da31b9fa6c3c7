"""What a venue says of its own stages, put into its replies.

RequestTime(5979) and TrdRegTimestamps go into replies to a request, not into what it does to the
orders of others; TransactTime(60) gets as fine as it may. SendingTime(52) is the session's.

======================  =====================================================  ===================
field                   instant                                                in
======================  =====================================================  ===================
RequestTime(5979)       the gateway had the request; nanoseconds since the     8, 9, j
                        epoch
TrdRegTimestamp(769)    type 2, Time In: the matching engine had it;           8, from FIX 5.0
                        type 3, Time Out: it was done
TrdRegTSTimeIn(21002)   the matching engine had it; nanoseconds since the      elsewhere
                        epoch
TransactTime(60)        the matching engine was done                           8, 9
======================  =====================================================  ===================

Spec: RequestTime(5979) and TrdRegTSTimeIn(21002) are user-defined, as CME iLink 3 and Eurex T7 ETI
define them. UTCTimestamp: seconds up to FIX 4.1, milliseconds from FIX 4.2, nanoseconds in FIX 5.0
SP2; a venue whose SendingTime(52) is finer than its version has it takes the same liberty here.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.dictionary.version import FixVersion
from fixgate.venue.bodies import value_of, with_value
from fixgate.venue.model import Client, Reply
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag
from fixgate.wire.timestamps import format_utc_timestamp

__all__ = ["Course", "stamp", "stamp_digits"]

_ANSWERS = (MsgType.ExecutionReport, MsgType.OrderCancelReject, MsgType.BusinessMessageReject)
_FINEST = 9


@dataclass(frozen=True, slots=True)
class Course:
    """When a request was where, nanoseconds since the epoch, UTC.

    Attributes:
        request_ns: The gateway had it.
        entered_ns: The matching engine had it.
        transact_ns: The matching engine was done.
    """

    request_ns: int
    entered_ns: int
    transact_ns: int


def stamp_digits(version: FixVersion, sending_digits: int | None) -> int:
    """Return how many digits of a second TransactTime(60) has.

    Args:
        version: Of the session.
        sending_digits: Of its SendingTime(52); ``None`` for the version's own.
    """
    if version is FixVersion.FIX50SP2:
        return _FINEST
    own = 0 if version.value < "FIX.4.2" else 3
    return min(max(own, sending_digits or 0), _FINEST)


def stamp(reply: Reply, course: Course, asker: Client, request: Message, digits: int) -> Reply:
    """Return a reply with the stamps that it is to carry.

    Args:
        reply: What the venue said because of the request.
        course: When the request was where.
        asker: Whose request it was.
        request: The request.
        digits: Of TransactTime(60), by `stamp_digits`, for the client that the reply is for.
    """
    if reply.msg_type not in _ANSWERS:
        return reply
    done = format_utc_timestamp(course.transact_ns, digits)
    body = with_value(reply.body, Tag.TransactTime, done)
    if _answers(reply, asker, request):
        if reply.msg_type == MsgType.ExecutionReport and asker.version.is_fixt:
            entered = format_utc_timestamp(course.entered_ns, digits)
            body += b"768=2\x01769=%b\x01770=2\x01769=%b\x01770=3\x01" % (entered, done)
            body += b"5979=%d\x01" % course.request_ns
        else:
            body += b"5979=%d\x0121002=%d\x01" % (course.request_ns, course.entered_ns)
    return reply._replace(body=body)


def _answers(reply: Reply, asker: Client, request: Message) -> bool:
    """Whether a reply is about the request, not about another order that it has met."""
    if reply.client_key != asker.key:
        return False
    cl_ord_id = value_of(reply.body, Tag.ClOrdID)
    return cl_ord_id is None or cl_ord_id == request.get(Tag.ClOrdID)

"""Builds the messages that a session sends: header in ascending tag order, then the body."""

from __future__ import annotations

from collections.abc import Iterable

from fixgate.session.settings import SessionSettings
from fixgate.wire.checksum import TRAILERS, checksum
from fixgate.wire.encode import finish
from fixgate.wire.message import Message
from fixgate.wire.tags import HEADER_TAGS, Tag
from fixgate.wire.timestamps import format_utc_timestamp

__all__ = ["Header", "Writer", "reverse_route"]

Header = tuple[tuple[int, bytes], ...]
"""Extra header fields of one message, ``(tag, value)`` each."""

_REVERSED = {
    Tag.OnBehalfOfCompID: Tag.DeliverToCompID,
    Tag.OnBehalfOfSubID: Tag.DeliverToSubID,
    Tag.OnBehalfOfLocationID: Tag.DeliverToLocationID,
    Tag.DeliverToCompID: Tag.OnBehalfOfCompID,
    Tag.DeliverToSubID: Tag.OnBehalfOfSubID,
    Tag.DeliverToLocationID: Tag.OnBehalfOfLocationID,
}

_LOCATIONS = (Tag.OnBehalfOfLocationID, Tag.DeliverToLocationID)


def reverse_route(message: Message) -> Header:
    """Return the routing fields that an answer to ``message`` must carry.

    Empty routing fields are not reversed, nor are those that the version does not have.

    Spec: FIX 4.4 volume 2, "FIX Message Routing"; FIX 4.1 added the locations.
    """
    unknown = _LOCATIONS if message.begin_string == b"FIX.4.0" else ()
    routed = (
        (there, message.get(here)) for here, there in _REVERSED.items() if here not in unknown
    )
    return tuple(sorted((tag, value) for tag, value in routed if value))


class Writer:
    """Knows what every message of one session has in common.

    Args:
        settings: The session's settings.
        digits: Digits after the second of SendingTime(52).
    """

    __slots__ = ("_after", "_before", "_begin", "_constant", "_digits", "_start")

    def __init__(self, settings: SessionSettings, digits: int) -> None:
        self._begin = settings.id.begin_string.encode()
        self._start = b"8=%b\x019=" % self._begin
        self._digits = digits
        self._constant: Header = tuple(
            sorted((*settings.id.sent(), *(settings.routing.sent if settings.routing else ())))
        )
        self._before = _join(f for f in self._constant if f[0] < Tag.SendingTime)
        self._after = _join(f for f in self._constant if f[0] > Tag.SendingTime)

    def header(self, msg_type: bytes, seq_num: int, now_ns: int) -> dict[int, bytes]:
        """Return the header of a message by its tags, BodyLength(9) left out; see `message`."""
        return {
            Tag.BeginString: self._begin,
            Tag.MsgType: msg_type,
            Tag.MsgSeqNum: b"%d" % seq_num,
            Tag.SendingTime: format_utc_timestamp(now_ns, self._digits),
            **dict(self._constant),
        }

    def message(
        self, msg_type: bytes, seq_num: int, body: bytes, now_ns: int, header: Header = ()
    ) -> bytes:
        """Return a whole message.

        Args:
            msg_type: MsgType(35).
            seq_num: MsgSeqNum(34).
            body: Encoded body fields.
            now_ns: SendingTime(52), nanoseconds since the epoch, UTC.
            header: Extra header fields.
        """
        sent = format_utc_timestamp(now_ns, self._digits)
        if not header:
            rest = b"35=%b\x0134=%d\x01%b52=%b\x01%b%b" % (
                msg_type, seq_num, self._before, sent, self._after, body
            )  # fmt: skip
            # `finish`, without the call: every reply of the venue passes here.
            head = b"%b%d\x01%b" % (self._start, len(rest), rest)
            return head + TRAILERS[checksum(head)]
        fields = (
            (Tag.MsgSeqNum, b"%d" % seq_num),
            (Tag.SendingTime, sent),
            *self._constant,
            *header,
        )
        return finish(self._begin, b"35=%b\x01%b%b" % (msg_type, _join(sorted(fields)), body))

    def again(self, message: Message, seq_num: int, now_ns: int) -> bytes:
        """Return a message of ours anew, as the answer to a ResendRequest.

        PossDupFlag(43)=Y and OrigSendingTime(122) are added, SendingTime(52) is now; every
        other field is as it was sent. Where our clock has been set back since, SendingTime is
        the original one: case 2.f has the peer refuse an OrigSendingTime after it, and the
        message would be lost.
        """
        original = message[Tag.SendingTime]
        fields = list(message.fields())[3:-1]
        split = next(
            (i for i, (tag, _) in enumerate(fields) if tag not in HEADER_TAGS), len(fields)
        )
        kept = (Tag.MsgSeqNum, Tag.PossDupFlag, Tag.SendingTime, Tag.OrigSendingTime)
        header = [field for field in fields[:split] if field[0] not in kept]
        header += [
            (Tag.MsgSeqNum, b"%d" % seq_num),
            (Tag.PossDupFlag, b"Y"),
            (Tag.SendingTime, max(format_utc_timestamp(now_ns, self._digits), original)),
            (Tag.OrigSendingTime, original),
        ]
        body = _join(sorted(header)) + _join(fields[split:])
        return finish(self._begin, b"35=%b\x01%b" % (message.msg_type, body))

    def gap_fill(self, begin: int, new_seq_num: int, now_ns: int) -> bytes:
        """Return the SequenceReset-GapFill that passes over ``begin`` to ``new_seq_num - 1``."""
        sent = format_utc_timestamp(now_ns, self._digits)
        header = ((Tag.PossDupFlag, b"Y"), (Tag.OrigSendingTime, sent))
        body = b"36=%d\x01123=Y\x01" % new_seq_num
        return self.message(b"4", begin, body, now_ns, header)


def _join(fields: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(b"%d=%b\x01" % field for field in fields)

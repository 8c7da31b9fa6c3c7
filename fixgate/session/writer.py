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

_TRAILER_BYTES = len(b"10=000\x01")
_HEAD_WITHIN = len(b"8=FIXT.1.1\x019=2147483647")
_HEADER_TAGS = frozenset(b"%d" % tag for tag in HEADER_TAGS)

_LOCATIONS = (Tag.OnBehalfOfLocationID, Tag.DeliverToLocationID)


def reverse_route(message: Message) -> Header:
    """Return the routing fields that an answer to ``message`` must carry.

    Empty routing fields and those with an SOH inside are not reversed, for nobody could read the
    answer; nor are those that the version does not have.

    Spec: FIX 4.4 volume 2, "FIX Message Routing"; FIX 4.1 added the locations.
    """
    unknown = _LOCATIONS if message.begin_string == b"FIX.4.0" else ()
    routed = (
        (there, message.get(here)) for here, there in _REVERSED.items() if here not in unknown
    )
    return tuple(sorted((tag, value) for tag, value in routed if value and b"\x01" not in value))


class Writer:
    """Knows what every message of one session has in common.

    Args:
        settings: The session's settings.
        digits: Digits after the second of SendingTime(52).
    """

    __slots__ = (
        "_after", "_after_orig", "_before", "_before_orig", "_begin", "_constant", "_digits",
        "_start",
    )  # fmt: skip

    def __init__(self, settings: SessionSettings, digits: int) -> None:
        self._begin = settings.id.begin_string.encode()
        self._start = b"8=%b\x019=" % self._begin
        self._digits = digits
        self._constant: Header = tuple(
            sorted((*settings.id.sent(), *(settings.routing.sent if settings.routing else ())))
        )
        self._before = _join(f for f in self._constant if f[0] < Tag.SendingTime)
        self._after = _join(f for f in self._constant if f[0] > Tag.SendingTime)
        orig = Tag.OrigSendingTime
        self._before_orig = _join(f for f in self._constant if Tag.SendingTime < f[0] < orig)
        self._after_orig = _join(f for f in self._constant if f[0] > orig)

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
            header: Extra header fields; they take the place of what the session always sends.
        """
        sent = format_utc_timestamp(now_ns, self._digits)
        if not header:
            rest = b"35=%b\x0134=%d\x01%b52=%b\x01%b%b" % (
                msg_type, seq_num, self._before, sent, self._after, body
            )  # fmt: skip
            # `finish`, without the call: every reply of the venue passes here.
            head = b"%b%d\x01%b" % (self._start, len(rest), rest)
            return head + TRAILERS[checksum(head)]
        given = {tag for tag, _ in header}
        fields = (
            (Tag.MsgSeqNum, b"%d" % seq_num),
            (Tag.SendingTime, sent),
            *(field for field in self._constant if field[0] not in given),
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
            (Tag.SendingTime, self._again_at(now_ns, original)),
            (Tag.OrigSendingTime, original),
        ]
        body = _join(sorted(header)) + _join(fields[split:])
        return finish(self._begin, b"35=%b\x01%b" % (message.msg_type, body))

    def again_as_laid_out(
        self, raw: bytes, msg_type: bytes, seq_num: int, now_ns: int
    ) -> bytes | None:
        """Do what `again` does, six times as fast, for what `message` wrote with no extra header.

        A counterparty may ask for a day's messages at once.

        Args:
            raw: The message as it was sent.
            msg_type: Its MsgType(35).
            seq_num: Its MsgSeqNum(34).
            now_ns: Now.

        Returns:
            The message anew, or ``None`` when its header is another one.
        """
        head = b"\x0135=%b\x0134=%d\x01%b52=" % (msg_type, seq_num, self._before)
        found = raw.find(head, len(self._start), _HEAD_WITHIN + len(head))
        if found < 0 or not raw.startswith(self._start):
            return None
        start = found + len(head)
        end = raw.index(b"\x01", start)
        body = end + 1 + len(self._after)
        if not raw.startswith(self._after, end + 1) or _tag_at(raw, body) in _HEADER_TAGS:
            return None
        original = raw[start:end]
        sent = self._again_at(now_ns, original)
        rest = b"35=%b\x0134=%d\x0143=Y\x01%b52=%b\x01%b122=%b\x01%b%b" % (
            msg_type, seq_num, self._before, sent, self._before_orig, original, self._after_orig,
            raw[body:-_TRAILER_BYTES],
        )  # fmt: skip
        whole = b"%b%d\x01%b" % (self._start, len(rest), rest)
        return whole + TRAILERS[checksum(whole)]

    def _again_at(self, now_ns: int, original: bytes) -> bytes:
        return max(format_utc_timestamp(now_ns, self._digits), original)

    def gap_fill(self, begin: int, new_seq_num: int, now_ns: int) -> bytes:
        """Return the SequenceReset-GapFill that passes over ``begin`` to ``new_seq_num - 1``."""
        sent = format_utc_timestamp(now_ns, self._digits)
        header = ((Tag.PossDupFlag, b"Y"), (Tag.OrigSendingTime, sent))
        body = b"36=%d\x01123=Y\x01" % new_seq_num
        return self.message(b"4", begin, body, now_ns, header)


def _tag_at(raw: bytes, place: int) -> bytes:
    return raw[place : raw.index(b"=", place)]


def _join(fields: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(b"%d=%b\x01" % field for field in fields)

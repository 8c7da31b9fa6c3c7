"""Messages and bytes that a step writes beside the session."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fixgate.session.settings import SessionId
from fixgate.wire.checksum import TRAILERS, checksum
from fixgate.wire.encode import finish
from fixgate.wire.tags import HEADER_TAGS, Tag
from fixgate.wire.timestamps import format_utc_timestamp

__all__ = ["NEXT", "Fields", "beside", "filled", "of_body", "of_header"]

Fields = tuple[tuple[int, bytes], ...]

NEXT = b"@"
"""MsgSeqNum(34) of a message beside the session that has the session's next number."""

_LENGTH, _SUM = re.compile(rb"(?<=\x019=)@(?=\x01)"), re.compile(rb"(?<=\x0110=)@(?=\x01|$)")
_IDENTITY = tuple(
    (re.compile(rb"(?:(?<=\x01)|^)%d=@(?=\x01)" % tag), tag)
    for tag in (Tag.BeginString, Tag.SenderCompID, Tag.TargetCompID)
)
_NUMBER, _TIME = re.compile(rb"(?<=\x0134=)@(?=\x01)"), re.compile(rb"(?<=\x0152=)@(?=\x01)")


def of_header(fields: Fields) -> Fields:
    """Return the fields that belong into the header."""
    return tuple(field for field in fields if field[0] in HEADER_TAGS)


def of_body(fields: Fields) -> bytes:
    """Return the others, as they are written."""
    return _written(field for field in fields if field[0] not in HEADER_TAGS)


def _written(fields: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(b"%d=%b\x01" % field for field in fields)


def beside(session: SessionId, msg_type: bytes, fields: Fields, seq_num: int, now_ns: int) -> bytes:
    """Return a message that no session has numbered.

    Args:
        session: Who speaks to whom, where the fields do not say.
        msg_type: MsgType(35).
        fields: Of header and body, MsgSeqNum(34) among them.
        seq_num: The session's next number: what ``@`` stands for in MsgSeqNum(34).
        now_ns: SendingTime(52), where the fields do not say.
    """
    given = dict(of_header(fields))
    if given.get(Tag.MsgSeqNum) == NEXT:
        given[Tag.MsgSeqNum] = b"%d" % seq_num
    begin = given.pop(Tag.BeginString, session.begin_string.encode())
    digits = 0 if session.begin_string < "FIX.4.2" else 3
    header = {
        **dict(session.sent()),
        Tag.SendingTime: format_utc_timestamp(now_ns, digits),
        **given,
    }
    for tag in (Tag.MsgType, Tag.BodyLength):
        header.pop(tag, None)
    content = b"35=%b\x01" % msg_type + _written(sorted(header.items())) + of_body(fields)
    return finish(begin, content)


def filled(data: bytes, session: SessionId, seq_num: int, now_ns: int) -> bytes:
    """Return bytes with what ``@`` stands for.

    Args:
        data: With ``8=@``, ``49=@``, ``56=@``, ``34=@``, ``52=@``, ``9=@`` and ``10=@``.
        session: Who speaks to whom, in which version.
        seq_num: The number.
        now_ns: The time.
    """
    identity = {Tag.BeginString: session.begin_string.encode(), **dict(session.sent())}
    for pattern, tag in _IDENTITY:
        value = b"%d=%b" % (tag, identity[tag])
        data = pattern.sub(lambda _, value=value: value, data)  # type: ignore[misc]
    data = _NUMBER.sub(b"%d" % seq_num, data)
    data = _TIME.sub(format_utc_timestamp(now_ns, 3), data)
    if found := _LENGTH.search(data):
        sum_at = data.rfind(b"\x0110=")
        end = len(data) if sum_at < 0 else sum_at + 1
        data = data[: found.start()] + b"%d" % (end - found.end() - 1) + data[found.end() :]
    if found := _SUM.search(data):
        head = data[: found.start() - len(b"10=")]
        data = data[: found.start()] + TRAILERS[checksum(head)][3:6] + data[found.end() :]
    return data

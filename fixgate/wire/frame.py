"""Where one message begins and ends: BeginString(8), BodyLength(9), MsgType(35), CheckSum(10)."""

from __future__ import annotations

from fixgate.wire.checksum import TRAILERS, checksum
from fixgate.wire.fields import FieldWalk, excerpt, field_reader
from fixgate.wire.garbled import Flaw, Garbled, GarbledReason
from fixgate.wire.limits import DEFAULT_LIMITS, Limits
from fixgate.wire.mask import mask
from fixgate.wire.message import Message

__all__ = ["START", "TRAILER_BYTES", "decode", "no_start", "read_header", "read_message"]

START = b"8=FIX"
"""What every message begins with."""

TRAILER_BYTES = 7
"""CheckSum(10) with its SOH: ``10=123|``."""

_SOH = b"\x01"
# "FIX.5.0SP2" has 10 characters; customised ones exist, none near this.
_MAX_BEGIN_STRING = 32
_MAX_LENGTH_DIGITS = 9
# The shortest body is an empty MsgType(35).
_MIN_BODY = 4
_SHOWN_BYTES = 32


def decode(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Message | Garbled:
    """Decode one whole message.

    Args:
        raw: The message from ``8=`` to the SOH after CheckSum(10), and nothing else.
        limits: The bounds.

    Returns:
        The message, or what is wrong with it.

    Spec: FIX session layer, test cases 2d, 2m, 2t, 3b, 3c.
    """
    header = read_header(raw, 0, limits) if raw.startswith(START) else no_start(raw)
    if header is None:
        flaw = _truncated(len(raw))
    elif isinstance(header, Flaw):
        flaw = header
    else:
        body, length = header
        total = body + length + TRAILER_BYTES
        if len(raw) == total:
            verdict = read_message(raw, body, body + length, limits)
            if isinstance(verdict, Message):
                return verdict
            flaw = verdict
        elif len(raw) < total:
            walk = FieldWalk(raw, body, body + length, limits)
            flaw = walk.early() or _truncated(len(raw), total)
        else:
            verdict = read_message(raw[:total], body, body + length, limits)
            flaw = verdict if isinstance(verdict, Flaw) else _trailing(len(raw) - total)
    return Garbled(raw, 0, flaw.reason, flaw.text)


def read_header(data: bytes, pos: int, limits: Limits) -> tuple[int, int] | Flaw | None:
    """Read BeginString(8) and BodyLength(9) of a message that begins at ``pos`` with `START`.

    Judges every byte as soon as it is there.

    Returns:
        Where the body begins in ``data`` and its length in bytes; or a flaw; or ``None`` when
        more bytes are needed to tell.

    Spec: FIX, the first three fields are BeginString(8), BodyLength(9), MsgType(35); case 2t.
    """
    soh = data.find(_SOH, pos, pos + _MAX_BEGIN_STRING + 3)
    if soh < 0:
        if len(data) - pos < _MAX_BEGIN_STRING + 3:
            return None
        return Flaw(
            GarbledReason.BEGIN_STRING,
            f"BeginString(8) does not end within {_MAX_BEGIN_STRING} bytes:"
            f" received {excerpt(data[pos + 2 : pos + 2 + _MAX_BEGIN_STRING])}",
        )
    second = data[soh + 1 : soh + 3]
    if second != b"9=":
        if b"9=".startswith(second):
            return None
        return Flaw(
            GarbledReason.BODY_LENGTH,
            f"the second field begins with {excerpt(second)}, expected BodyLength(9)",
        )
    start = soh + 3
    length = _body_length(data, start)
    if length is None or isinstance(length, Flaw):
        return length
    body = data.index(_SOH, start) + 1
    third = data[body : body + 3]
    if third != b"35=":
        if b"35=".startswith(third):
            return None
        return Flaw(
            GarbledReason.MSG_TYPE_NOT_THIRD,
            f"the third field begins with {excerpt(third)}, expected MsgType(35)",
        )
    return _within_limits(body, length, body - pos + length + TRAILER_BYTES, limits)


def _body_length(data: bytes, start: int) -> int | Flaw | None:
    soh = data.find(_SOH, start, start + _MAX_LENGTH_DIGITS + 1)
    digits = data[start : soh if soh >= 0 else start + _MAX_LENGTH_DIGITS + 1]
    if soh < 0 and not digits:
        return None
    # Signs, spaces and leading zeros are refused although int() would take them: a length that
    # two readers may read differently is how one of them loses its place.
    strict = digits.isdigit() and (digits[0] != 48 or len(digits) == 1)
    if not strict or len(digits) > _MAX_LENGTH_DIGITS:
        return Flaw(
            GarbledReason.BODY_LENGTH,
            f"BodyLength(9) is {excerpt(digits)},"
            f" expected a number of at most {_MAX_LENGTH_DIGITS} digits without sign, space or"
            " leading zeros",
        )
    return int(digits) if soh >= 0 else None


def _within_limits(body: int, length: int, total: int, limits: Limits) -> tuple[int, int] | Flaw:
    if length < _MIN_BODY:
        return Flaw(
            GarbledReason.BODY_LENGTH,
            f"BodyLength(9) is {length}, expected at least {_MIN_BODY} for MsgType(35)",
        )
    if total > limits.max_message_bytes:
        return Flaw(
            GarbledReason.MESSAGE_TOO_LONG,
            f"BodyLength(9) is {length}: a message of {total} bytes, expected at most"
            f" {limits.max_message_bytes}",
        )
    return body, length


def read_message(raw: bytes, body: int, end: int, limits: Limits) -> Message | Flaw:
    """Verify CheckSum(10) of a message with a good header, and read its fields.

    Args:
        raw: The message from ``8=``.
        body: Where the body begins.
        end: Where it ends by BodyLength(9), and CheckSum(10) begins.
        limits: The bounds.
    """
    if raw[end:] == TRAILERS[checksum(raw[:end])]:
        return field_reader(limits).read(raw, body, end)
    return FieldWalk(raw, body, end, limits).run(end) or _trailer_flaw(raw, end)


def _trailer_flaw(raw: bytes, end: int) -> Flaw:
    trailer = raw[end:]
    if not trailer.startswith(b"10="):
        return Flaw(
            GarbledReason.BODY_LENGTH,
            "no CheckSum(10) stands where BodyLength(9) says that the body ends",
        )
    if len(trailer) != TRAILER_BYTES or not (trailer[3:6].isdigit() and trailer[6] == 1):
        return Flaw(
            GarbledReason.CHECKSUM_FORMAT,
            f"CheckSum(10) is {excerpt(trailer[3:])}, expected three digits and SOH",
        )
    return Flaw(
        GarbledReason.CHECKSUM,
        f"CheckSum(10) is {trailer[3:6].decode()}, expected {checksum(raw[:end]):03d}",
    )


def no_start(raw: bytes) -> Flaw:
    """Return the flaw of bytes that do not begin with `START`."""
    # Such bytes may begin anywhere, in a Password(554) too.
    shown = mask(raw[:_SHOWN_BYTES])
    return Flaw(
        GarbledReason.NO_MESSAGE_START, f"received '{shown}', expected BeginString(8) '8=FIX'"
    )


def _truncated(size: int, total: int | None = None) -> Flaw:
    expected = "more" if total is None else f"{total} by BodyLength(9)"
    return Flaw(GarbledReason.TRUNCATED, f"received {size} bytes, expected {expected}")


def _trailing(size: int) -> Flaw:
    return Flaw(
        GarbledReason.BODY_LENGTH, f"{size} bytes follow CheckSum(10), expected it to be last"
    )

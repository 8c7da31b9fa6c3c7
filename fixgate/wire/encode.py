"""From fields to the bytes of one message."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fixgate.errors import LocalProtocolError
from fixgate.wire.checksum import TRAILERS, checksum
from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.tags import label

__all__ = ["FieldValue", "encode_fields", "finish"]

FieldValue = bytes | str | int | Decimal
"""What `encode_fields` writes: bytes as they are, str as UTF-8, bool as Y or N, numbers in full."""

_MAX_TAG = 999_999_999
_MAX_CACHED_TAGS = 16_384
_LENGTH_DIGITS = 9  # longer ones measure nothing, and `int` refuses those past 4300
_DATA_TAGS = {data: length for length, data in DATA_FIELDS.items()}


class _Prefixes(dict[int, bytes]):
    """``34=`` by tag; a length or data field is missing here on purpose."""

    def __missing__(self, tag: int) -> bytes:
        if type(tag) is not int or not 0 < tag <= _MAX_TAG:
            raise LocalProtocolError(f"tag {tag!r} cannot be sent, expected 1 to {_MAX_TAG}")
        if tag in DATA_FIELDS or tag in _DATA_TAGS:
            raise KeyError(tag)
        prefix = b"%d=" % tag
        if len(self) < _MAX_CACHED_TAGS:
            self[tag] = prefix
        return prefix


_prefixes = _Prefixes()


def finish(begin_string: bytes, body: bytes) -> bytes:
    """Return a whole message: BeginString(8), BodyLength(9), the body, and CheckSum(10).

    Args:
        begin_string: Such as ``b"FIX.4.4"``.
        body: From ``35=`` to the SOH of the last field before CheckSum(10).
    """
    head = b"8=%b\x019=%d\x01%b" % (begin_string, len(body), body)
    return head + TRAILERS[checksum(head)]


def encode_fields(fields: Iterable[tuple[int, FieldValue]]) -> bytes:
    """Return fields as they stand on the wire, each with its SOH.

    Args:
        fields: Tags and values in the order of the message. A data field that holds SOH needs
            its length field just before it.

    Raises:
        LocalProtocolError: A tag is no tag number, a value is empty, is not finite, holds SOH
            outside a data field, or is not as long as its length field says.

    Spec: FIX, every field has a value; only data fields may hold SOH.
    """
    given = fields if isinstance(fields, list | tuple) else list(fields)
    try:
        pieces = [
            _prefixes[tag] + (value if type(value) is bytes else _text(tag, value))
            for tag, value in given
        ]
    except KeyError:
        return _carefully(given)
    pieces.append(b"")
    encoded = b"\x01".join(pieces)
    if encoded.count(b"\x01") != len(given) or b"=\x01" in encoded:
        return _carefully(given)
    return encoded


def _carefully(fields: Iterable[tuple[int, FieldValue]]) -> bytes:
    pieces: list[bytes] = []
    last_tag, last_value = 0, b""
    for tag, given in fields:
        value = given if isinstance(given, bytes) else _text(tag, given)
        if not value:
            raise LocalProtocolError(f"{label(tag)} is empty, expected a value")
        if b"\x01" in value or tag in _DATA_TAGS:
            _check_data(tag, value, last_tag, last_value)
        prefix = b"%d=" % tag if tag in DATA_FIELDS or tag in _DATA_TAGS else _prefixes[tag]
        pieces += (prefix, value, b"\x01")
        last_tag, last_value = tag, value
    return b"".join(pieces)


def _text(tag: int, value: FieldValue) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bool):
        return b"Y" if value else b"N"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, bytes):  # of a subclass
        return bytes(value)
    if not value.is_finite():
        raise LocalProtocolError(f"{label(tag)} is {value}, expected a finite number")
    return format(value, "f").encode()


def _check_data(tag: int, value: bytes, last_tag: int, last_value: bytes) -> None:
    length_tag = _DATA_TAGS.get(tag)
    if length_tag is None:
        raise LocalProtocolError(f"{label(tag)} holds SOH, which only a data field may")
    if last_tag == length_tag:
        # Whatever stands in the length field is what the reader will measure by.
        said = last_value[:_LENGTH_DIGITS]
        if last_value.isdigit() and said == last_value and int(said) == len(value):
            return
        raise LocalProtocolError(
            f"{label(length_tag)} is {said.decode('latin-1')},"
            f" but {label(tag)} has {len(value)} bytes"
        )
    if b"\x01" in value:
        raise LocalProtocolError(
            f"{label(tag)} holds SOH and needs {label(length_tag)} just before it"
        )

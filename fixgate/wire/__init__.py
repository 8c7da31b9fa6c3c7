"""Bytes to messages and back. Knows no session."""

# .checksum
from fixgate.wire.checksum import checksum

# .data_fields
from fixgate.wire.data_fields import DATA_FIELD_NAMES, DATA_FIELDS

# .encode
from fixgate.wire.encode import FieldValue, encode_fields, finish

# .frame
from fixgate.wire.frame import decode

# .framer
from fixgate.wire.framer import Framer

# .garbled
from fixgate.wire.garbled import Garbled, GarbledReason

# .limits
from fixgate.wire.limits import DEFAULT_LIMITS, Limits

# .mask
from fixgate.wire.mask import mask

# .message
from fixgate.wire.message import Message

# .tags
from fixgate.wire.tags import (
    ADMIN_MSG_TYPES,
    HEADER_TAGS,
    TRAILER_TAGS,
    MsgType,
    Tag,
    label,
)

# .timestamps
from fixgate.wire.timestamps import (
    UtcTimestamp,
    format_utc_timestamp,
    parse_utc_timestamp,
    utc_ns,
    utc_second_ns,
)

__all__ = [
    "ADMIN_MSG_TYPES",
    "DATA_FIELDS",
    "DATA_FIELD_NAMES",
    "DEFAULT_LIMITS",
    "HEADER_TAGS",
    "TRAILER_TAGS",
    "FieldValue",
    "Framer",
    "Garbled",
    "GarbledReason",
    "Limits",
    "Message",
    "MsgType",
    "Tag",
    "UtcTimestamp",
    "checksum",
    "decode",
    "encode_fields",
    "finish",
    "format_utc_timestamp",
    "label",
    "mask",
    "parse_utc_timestamp",
    "utc_ns",
    "utc_second_ns",
]

"""The FIX data types: which bytes are a value of each.

Formats only: whether a quantity is positive or a currency exists is for the application.
Currency, Country, Exchange and Language are taken as strings, because venues use codes of
their own (``USDT``, ``XOFF``); a dictionary that lists the codes closes the set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum

__all__ = ["EXPECTED", "FORMATS", "PATTERNS", "FieldType"]


class FieldType(Enum):
    """The data types of FIX 4.0 to 5.0 SP2, by their names in the specification."""

    INT = "int"
    LENGTH = "Length"
    TAG_NUM = "TagNum"
    SEQ_NUM = "SeqNum"
    NUM_IN_GROUP = "NumInGroup"
    DAY_OF_MONTH = "DayOfMonth"
    FLOAT = "float"
    QTY = "Qty"
    PRICE = "Price"
    PRICE_OFFSET = "PriceOffset"
    AMT = "Amt"
    PERCENTAGE = "Percentage"
    CHAR = "char"
    BOOLEAN = "Boolean"
    STRING = "String"
    MULTIPLE_CHAR_VALUE = "MultipleCharValue"
    MULTIPLE_STRING_VALUE = "MultipleStringValue"
    MULTIPLE_VALUE_STRING = "MultipleValueString"
    COUNTRY = "Country"
    CURRENCY = "Currency"
    EXCHANGE = "Exchange"
    LANGUAGE = "Language"
    MONTH_YEAR = "MonthYear"
    UTC_TIMESTAMP = "UTCTimestamp"
    UTC_TIME_ONLY = "UTCTimeOnly"
    UTC_DATE_ONLY = "UTCDateOnly"
    LOCAL_MKT_DATE = "LocalMktDate"
    LOCAL_MKT_TIME = "LocalMktTime"
    TZ_TIME_ONLY = "TZTimeOnly"
    TZ_TIMESTAMP = "TZTimestamp"
    DATA = "data"
    XML_DATA = "XMLData"
    XID = "XID"
    XID_REF = "XIDREF"

    @property
    def is_multiple(self) -> bool:
        """``True`` when a value is a list of items with one space between them."""
        return self in _MULTIPLE


_MULTIPLE = frozenset(
    {
        FieldType.MULTIPLE_CHAR_VALUE,
        FieldType.MULTIPLE_STRING_VALUE,
        FieldType.MULTIPLE_VALUE_STRING,
    }
)
_COUNTS = (FieldType.LENGTH, FieldType.SEQ_NUM, FieldType.NUM_IN_GROUP)
_DECIMALS = (
    FieldType.FLOAT,
    FieldType.QTY,
    FieldType.PRICE,
    FieldType.PRICE_OFFSET,
    FieldType.AMT,
    FieldType.PERCENTAGE,
)

# 64-bit numbers have at most 20 digits; a longer run is an attack on whoever converts it.
_WHOLE = rb"[0-9]{1,20}"
# The specification asks for 15 significant digits at least; 30 on either side leaves room for
# any price there is, and keeps arithmetic on hostile input cheap.
_DECIMAL = rb"-?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})"
# Days 1 to 28 first: nearly every date is one, and this is looked at for every message.
_MONTH_DAY = (
    rb"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])(?:29|30)"
    rb"|(?:0[13578]|1[02])31)"
)
_LEAP_DAY = (
    rb"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)0229"
)
_YEAR = rb"(?:[1-9][0-9]{3}|0(?!000)[0-9]{3})"
_DATE = rb"(?:" + _YEAR + _MONTH_DAY + rb"|" + _LEAP_DAY + rb")"
_MONTH_YEAR = _YEAR + rb"(?:0[1-9]|1[0-2])(?:w[1-5])?"
_HOUR_MINUTE = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECOND = rb"(?:[0-5][0-9]|60)"  # 60: a leap second, which is any local hour's
_TIME = _HOUR_MINUTE + rb":" + _SECOND
# In UTC it is the last of a day; elsewhere `utc_ns` knows no instant.
_UTC_TIME = rb"(?:" + _HOUR_MINUTE + rb":[0-5][0-9]|23:59:60)"
# Spec: UTCTimestamp, seconds with 0, 3, 6, 9 or 12 decimal digits.
_FRACTION = rb"(?:\.[0-9]{3}(?:[0-9]{3}(?:[0-9]{3}(?:[0-9]{3})?)?)?)?"
_OFFSET = rb"(?:Z|[+-](?:0[0-9]|1[0-4])(?::[0-5][0-9])?)?"
_TZ_TIME = _HOUR_MINUTE + rb"(?::" + _SECOND + _FRACTION + rb")?" + _OFFSET


_LIST = rb"[^ \x01]+(?: [^ \x01]+)*"

PATTERNS: Mapping[FieldType, bytes] = {
    FieldType.INT: rb"-?" + _WHOLE,
    **dict.fromkeys(_COUNTS, _WHOLE),
    FieldType.TAG_NUM: rb"[1-9][0-9]{0,8}",
    FieldType.DAY_OF_MONTH: rb"0?[1-9]|[12][0-9]|3[01]",
    **dict.fromkeys(_DECIMALS, _DECIMAL),
    FieldType.CHAR: rb"[^\x00-\x1f\x7f]",
    FieldType.BOOLEAN: rb"[YN]",
    FieldType.MULTIPLE_CHAR_VALUE: rb"[^ \x01](?: [^ \x01])*",
    **dict.fromkeys((FieldType.MULTIPLE_STRING_VALUE, FieldType.MULTIPLE_VALUE_STRING), _LIST),
    FieldType.MONTH_YEAR: _MONTH_YEAR + rb"|" + _DATE,
    FieldType.UTC_TIMESTAMP: _DATE + rb"-" + _UTC_TIME + _FRACTION,
    FieldType.UTC_TIME_ONLY: _UTC_TIME + _FRACTION,
    FieldType.UTC_DATE_ONLY: _DATE,
    FieldType.LOCAL_MKT_DATE: _DATE,
    FieldType.LOCAL_MKT_TIME: _TIME,
    FieldType.TZ_TIME_ONLY: _TZ_TIME,
    FieldType.TZ_TIMESTAMP: _DATE + rb"-" + _TZ_TIME,
}
"""A regular expression for the values of the type, none of which holds SOH; types not named
take any bytes.

Spec: FIX 5.0 SP2, volume 1, data types. SeqNum "must be positive"; 0 is nevertheless taken,
because EndSeqNo(16)=0 means "all that follow" and a SequenceReset in reset mode carries
MsgSeqNum(34)=0 in practice. The session judges those.
"""

FORMATS: Mapping[FieldType, Callable[[bytes], object]] = {
    kind: re.compile(pattern).fullmatch for kind, pattern in PATTERNS.items()
}
"""A true result for every value in the format of the type; types not named take any bytes."""

_DECIMAL_TEXT = "a decimal number such as 100 or -0.25, without '+' or exponent"

EXPECTED: Mapping[FieldType, str] = {
    FieldType.INT: "a whole number such as 100 or -5, without '+'",
    **dict.fromkeys(_COUNTS, "a whole number such as 100, without sign"),
    FieldType.TAG_NUM: "a tag number such as 55, without leading zeros",
    FieldType.DAY_OF_MONTH: "a day of the month, 1 to 31",
    **dict.fromkeys(_DECIMALS, _DECIMAL_TEXT),
    FieldType.CHAR: "a single character",
    FieldType.BOOLEAN: "Y or N",
    FieldType.MULTIPLE_CHAR_VALUE: "single characters with one space between them",
    FieldType.MULTIPLE_STRING_VALUE: "values with one space between them",
    FieldType.MULTIPLE_VALUE_STRING: "values with one space between them",
    FieldType.MONTH_YEAR: "YYYYMM, YYYYMMDD or YYYYMMw1 to w5",
    FieldType.UTC_TIMESTAMP: "YYYYMMDD-HH:MM:SS with 0, 3, 6, 9 or 12 decimals",
    FieldType.UTC_TIME_ONLY: "HH:MM:SS with 0, 3, 6, 9 or 12 decimals",
    FieldType.UTC_DATE_ONLY: "a date YYYYMMDD",
    FieldType.LOCAL_MKT_DATE: "a date YYYYMMDD",
    FieldType.LOCAL_MKT_TIME: "HH:MM:SS",
    FieldType.TZ_TIME_ONLY: "HH:MM[:SS] and Z, +hh or +hh:mm",
    FieldType.TZ_TIMESTAMP: "YYYYMMDD-HH:MM[:SS] and Z, +hh or +hh:mm",
}
"""What a person is told that the type expects."""

"""Where messages end that claim to be longer: the first CheckSum(10) that is no part of a value.

For a run of garbled bytes with many starts in it. Each start reads on to the same CheckSum(10), or
jumps over it by a data field; here every data field is looked at once, however many starts come
to it.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from fixgate.wire.data_fields import DATA_FIELDS

__all__ = ["EarlyEnds"]

_CHECKSUM = re.compile(rb"\x01(?=10=)")
_MEASURED = re.compile(
    rb"\x01(?=(%b)=(\d{1,9})\x01(\d{1,9})=)" % b"|".join(b"%d" % tag for tag in DATA_FIELDS)
)


class EarlyEnds:
    """The CheckSum(10) fields of some bytes, as whoever begins anywhere would come to them.

    Args:
        data: The bytes.
    """

    __slots__ = ("_ends", "_found", "_hits", "_starts", "_values")

    def __init__(self, data: bytes) -> None:
        self._hits = [found.start() for found in _CHECKSUM.finditer(data)]
        measured = [
            found
            for found in _MEASURED.finditer(data)
            if DATA_FIELDS[int(found[1])] == int(found[3])
        ]
        self._starts = [found.start() for found in measured]
        self._values = [found.end(3) + 1 for found in measured]
        self._ends = [found.end(3) + 1 + int(found[2]) for found in measured]
        self._found: dict[int, int] = {}

    def first(self, pos: int) -> int:
        """Return where the first one begins, at its SOH; -1 when there is none.

        Args:
            pos: Where a field ends, at its SOH.
        """
        path: list[int] = []
        while True:
            at = bisect_left(self._hits, pos)
            hit = self._hits[at] if at < len(self._hits) else -1
            data_field = bisect_left(self._starts, pos)
            if hit < 0 or data_field == len(self._starts) or self._values[data_field] > hit:
                break
            if data_field in self._found:
                hit = self._found[data_field]
                break
            path.append(data_field)
            pos = self._ends[data_field]
        self._found.update(dict.fromkeys(path, hit))
        return hit

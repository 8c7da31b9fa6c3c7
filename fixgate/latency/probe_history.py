"""The history of a session that is measured: the measurement's own messages are not kept in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from fixgate.health.events import MessagesPassed
from fixgate.health.flood import MAX_BYTES, FloodedHistory
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten
from fixgate.sampling.assembler import Assembler
from fixgate.session.events import AppMessage, HeartbeatReceived, TestRequestSent

__all__ = ["ProbeHistory"]

_SEQ_NUM = re.compile(rb"\x0134=(\d{1,18})\x01")
_NEW_SEQ_NO = re.compile(rb"\x0135=4\x01.*\x0136=(\d{1,18})\x01", re.DOTALL)
_LOGON = b"\x0135=A\x01"
_POSS_DUP = b"\x0143=Y\x01"
_WIRE = (BytesRead, BytesStamped, BytesWritten)


class ProbeHistory(FloodedHistory):
    """Hands every record to an assembler; keeps what a check would judge the session by.

    A measurement may exchange millions of messages. Those that bear its mark, come with the number
    that was expected, and are no possible duplicates, are not kept; an event says where they were.

    Args:
        assembler: Gets every record.
        mark: What TestReqID(112) and ClOrdID(11) of the measurement begin with.
        on_flood: Called when the venue sends too much of something else.
    """

    __slots__ = ("_expected", "_passed", "_passed_end")

    def __init__(self, assembler: Assembler, mark: bytes, on_flood: Callable[[], None]) -> None:
        super().__init__(MAX_BYTES, on_flood)
        keep = self.add
        self._expected = self._passed_end = 0
        self._passed = 0
        """MsgSeqNum(34) of the first that is not kept; 0 while there is none."""
        ids = re.compile(rb"\x01(?:11|112|41)=" + re.escape(mark))

        def add(record: tuple[int, str, object]) -> None:
            at_ns, glyph, what = record
            assembler.take(at_ns, glyph, what)
            if isinstance(what, _WIRE) or _is_ours(what, mark):
                return
            if isinstance(what, bytes) and self._is_passing(what, glyph, ids):
                return
            if self._passed:
                keep((at_ns, "=", MessagesPassed(self._passed, self._passed_end)))
                self._passed = 0
            keep(record)

        self.add = add

    def _is_passing(self, raw: bytes, glyph: str, ids: re.Pattern[bytes]) -> bool:
        """Whether a message is one of the measurement's, and nothing is to be said of it."""
        ours = ids.search(raw) is not None
        if glyph == ">":
            return ours and _POSS_DUP not in raw
        found, renewed = _SEQ_NUM.search(raw), _NEW_SEQ_NO.search(raw)
        number = int(found[1]) if found is not None else 0
        in_order = number == self._expected
        if renewed is not None:
            self._expected = int(renewed[1])
        elif in_order or _LOGON in raw:
            self._expected = number + 1
        passing = ours and in_order and _POSS_DUP not in raw
        if passing:
            self._passed = self._passed or number
            self._passed_end = number + 1
        return passing


def _is_ours(what: object, mark: bytes) -> bool:
    match what:
        case TestRequestSent(test_req_id=test_req_id):
            return test_req_id.startswith(mark)
        case HeartbeatReceived(test_req_id=bytes() as test_req_id):
            return test_req_id.startswith(mark)
        case AppMessage(message=message):
            return any((message.get(tag) or b"").startswith(mark) for tag in (11, 41))
        case _:
            return False

"""Says who was not let in, and why; a flood of strangers does not become a flood of lines."""

from __future__ import annotations

import logging
from enum import Enum

from fixgate.net.networks import IpAddress, origin_of

__all__ = ["Refusal", "Refusals"]

_MINUTE_NS = 60_000_000_000
_MAX_REMEMBERED = 200
"""Lines of the last minute that are remembered. Beyond it, origins are told together."""

_EVERYONE_ELSE = "further addresses"

_log = logging.getLogger("fixgate.gateway")


class Refusal(Enum):
    """Why a connection was closed before it carried a session."""

    ADDRESS = "its address may not connect here"
    NO_ROOM = "no room"
    MADE_ROOM = "it made room for another connection"
    TOO_LATE = "no Logon in time"
    TLS = "TLS failed"
    NO_LOGON = "no Logon"
    STRANGER = "no session of this venue"
    CLIENT_ADDRESS = "not an address of this client"
    CERTIFICATE = "not the certificate of this client"
    TAKEN = "already logged on"
    LOOP = "too many of its Logons were refused, one a second is heard"


class _Told:
    """One line in the log, and what came after it without one."""

    __slots__ = ("at_ns", "more")

    def __init__(self, at_ns: int) -> None:
        self.at_ns = at_ns
        self.more = 0


class Refusals:
    """Tells each kind of refusal once a minute for each origin, and then how many there were."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, Refusal], _Told] = {}
        """In the order in which they were told."""

    def tell(self, why: Refusal, address: IpAddress | None, text: str, now_ns: int) -> None:
        """Log that a connection was closed, unless the like of it was told within a minute.

        Args:
            why: The kind.
            address: Where it came from; ``None`` when it was gone before that could be asked.
            text: Details, such as what was received; may be empty.
            now_ns: Now, by a clock that never steps.
        """
        origin = "unknown" if address is None else origin_of(address)
        told = self._told.get((origin, why))
        if told is None and len(self._told) >= _MAX_REMEMBERED:
            self._forget(now_ns)
            if len(self._told) >= _MAX_REMEMBERED:
                origin, address = _EVERYONE_ELSE, None
                told = self._told.get((origin, why))
        if told is not None and now_ns - told.at_ns < _MINUTE_NS:
            told.more += 1
            return
        who = origin if address is None else str(address)
        details = f": {text}" if text else ""
        more = f" ({told.more} more like it since the last such line)" if told and told.more else ""
        _log.warning("x %s turned away: %s%s%s", who, why.value, details, more)
        self._told.pop((origin, why), None)
        self._told[origin, why] = _Told(now_ns)

    def _forget(self, now_ns: int) -> None:
        """Forget what was told more than a minute ago."""
        while self._told:
            oldest = next(iter(self._told))
            if now_ns - self._told[oldest].at_ns < _MINUTE_NS:
                return
            del self._told[oldest]

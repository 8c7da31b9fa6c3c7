"""Asking the kernel which interface leads to an address.

Spec: rtnetlink(7), RTM_GETROUTE: what ``ip route get`` asks. Rules and tables of any kind are in
the answer, where /proc/net/route has the main table alone.
"""

from __future__ import annotations

import ipaddress
import struct

__all__ = ["interface_index", "route_request"]

_GET_ROUTE, _NEW_ROUTE, _REQUEST = 26, 24, 1
_INET, _INET6 = 2, 10
_DESTINATION, _INTERFACE = 1, 4
_HEADER, _ROUTE = 16, 12


def route_request(address: str) -> bytes:
    """Return the question.

    Raises:
        ValueError: It is no IP address.
    """
    # The kernel has no use for the scope of fe80::1%eth0 in it.
    packed = ipaddress.ip_address(address.partition("%")[0]).packed
    family = _INET if len(packed) == 4 else _INET6
    body = struct.pack("8BI", family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0)
    body += struct.pack("HH", 4 + len(packed), _DESTINATION) + packed
    return struct.pack("IHHII", _HEADER + len(body), _GET_ROUTE, _REQUEST, 1, 0) + body


def interface_index(answer: bytes) -> int | None:
    """Return the number of the interface; ``None`` where there is no way."""
    if len(answer) < _HEADER + _ROUTE:
        return None
    length, kind = struct.unpack_from("IH", answer)
    if kind != _NEW_ROUTE:
        return None
    at, end = _HEADER + _ROUTE, min(length, len(answer))
    while at + 4 <= end:
        size, attribute = struct.unpack_from("HH", answer, at)
        if attribute == _INTERFACE and size == 8 and at + size <= end:
            found: int = struct.unpack_from("I", answer, at + 4)[0]
            return found
        if size < 4:
            return None
        at += (size + 3) & ~3
    return None

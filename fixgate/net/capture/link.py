"""What lies around an IP packet, by link type: where in the data it begins.

Spec: tcpdump.org, link-layer header types; IEEE 802.1Q and 802.1ad tags; RFC 3032 MPLS labels.
"""

from __future__ import annotations

__all__ = ["find_ip"]

_NULL, _ETHERNET, _LOOP, _LINUX_SLL, _LINUX_SLL2 = 0, 1, 108, 113, 276
_RAW = frozenset({12, 14, 101, 228, 229})
"""Raw IP: 101, and as BSD writes it; 228 and 229 say which version."""

_TYPE_AT = {_ETHERNET: (12, 14), _LINUX_SLL: (14, 16), _LINUX_SLL2: (0, 20)}
"""Where the EtherType is, and where what it is of begins."""

_IP = frozenset({b"\x08\x00", b"\x86\xdd"})
_TAGS = frozenset({b"\x81\x00", b"\x88\xa8", b"\x91\x00"})
_MPLS = frozenset({b"\x88\x47", b"\x88\x48"})
_TAG_BYTES = 4
_BOTTOM_OF_STACK = 1


def find_ip(link: int, data: bytes) -> int | str:
    """Return where an IPv4 or IPv6 packet begins, or what is there instead, for people.

    Args:
        link: The link type of the capture.
        data: The packet as it was captured.
    """
    if link in _RAW:
        return 0
    if link in (_NULL, _LOOP):
        # An address family, whose number for IPv6 every system chose for itself.
        return 4
    if link not in _TYPE_AT:
        return f"link type {link}"
    at, begin = _TYPE_AT[link]
    kind = data[at : at + 2]
    while kind in _TAGS:
        kind = data[begin + 2 : begin + _TAG_BYTES]
        begin += _TAG_BYTES
    if kind in _MPLS:
        while begin + _TAG_BYTES <= len(data):
            begin += _TAG_BYTES
            if data[begin - 2] & _BOTTOM_OF_STACK:
                return begin
        return "an MPLS packet that is cut short"
    if kind in _IP:
        return begin
    return f"EtherType {kind.hex()}" if kind else "a frame that is cut short"

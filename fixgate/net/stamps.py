"""The kernel's own time stamps of what a socket sends and receives: SO_TIMESTAMPING, Linux.

Software stamps are of CLOCK_REALTIME, hardware stamps of the network card's clock: good for
differences of one kind only.

Spec: Linux, Documentation/networking/timestamping.rst; include/uapi/linux/net_tstamp.h and
errqueue.h. Python has no names for any of it.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

__all__ = ["Stamp", "StampKind", "TxStamp", "enable_stamps", "read_tx_stamps", "rx_stamp"]

_SO_TIMESTAMPING = 37
"""Also the type of the ancillary data; asm-generic's, so of x86, ARM, POWER, RISC-V."""

_TX_HARDWARE, _TX_SOFTWARE, _RX_HARDWARE, _RX_SOFTWARE, _SOFTWARE = (
    1,
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 4,
)
_RAW_HARDWARE, _OPT_ID, _TX_SCHED, _TX_ACK, _OPT_TSONLY = 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 11
_OPT_TX_SWHW, _OPT_ID_TCP = 1 << 14, 1 << 16

_PLAIN = _TX_SOFTWARE | _RX_SOFTWARE | _SOFTWARE | _OPT_ID | _TX_SCHED | _TX_ACK | _OPT_TSONLY
_HARDWARE = _TX_HARDWARE | _RX_HARDWARE | _RAW_HARDWARE | _OPT_TX_SWHW

_WISHES = (_PLAIN | _HARDWARE | _OPT_ID_TCP, _PLAIN | _OPT_ID_TCP, _PLAIN)
"""The best first. Without OPT_ID_TCP (before Linux 6.2) bytes are counted from what the peer has
acknowledged, which is the same where nothing is under way."""

_SECOND_NS = 1_000_000_000
_TIMES = struct.Struct("=6q")
_EXTENDED_ERROR = struct.Struct("=IBBBBII")
_ORIGIN_TIMESTAMPING = 4
_ANCILLARY_BYTES = 512
_ALL_STAMPS = 1024


class StampKind(IntEnum):
    """Where on its way out a byte was stamped; the value is the kernel's."""

    SENT = 0
    """Given to the driver of the network card, or stamped by the card (SND)."""
    SCHEDULED = 1
    """Entered the kernel's queue of packets (SCHED)."""
    ACKED = 2
    """Acknowledged by the peer's kernel (ACK)."""


_KINDS = {kind.value: kind for kind in StampKind}


class Stamp(NamedTuple):
    """One instant, 0 for what was not stamped.

    Attributes:
        software_ns: By the kernel, CLOCK_REALTIME.
        hardware_ns: By the network card's own clock.
    """

    software_ns: int
    hardware_ns: int = 0


class TxStamp(NamedTuple):
    """A stamp of something that was sent.

    Attributes:
        end: The number of the byte that it is of, in 32 bits: of the last one of a write, counted
            from 0 from when stamps were switched on, plus one.
        kind: Where on its way.
        at: When.
    """

    end: int
    kind: StampKind
    at: Stamp


def enable_stamps(sock: socket.socket) -> str:
    """Switch stamps on for what is sent and received from now on.

    Nothing may be under way that was sent before.

    Returns:
        Why there are none, or an empty text.
    """
    if sys.platform != "linux":
        return f"no kernel stamps on {sys.platform}"
    reason = ""
    for flags in _WISHES:
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, flags)
        except OSError as error:
            reason = f"SO_TIMESTAMPING: {error.strerror or error}"
        else:
            return ""
    return reason


def rx_stamp(ancillary: Sequence[tuple[int, int, bytes]]) -> Stamp | None:
    """Return the stamp in what ``recvmsg`` gave beside the data; ``None`` without one."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPING:
            return _times(data)
    return None


def read_tx_stamps(sock: socket.socket) -> list[TxStamp]:
    """Take the stamps of what was sent that are there by now."""
    found: list[TxStamp] = []
    for _ in range(_ALL_STAMPS):
        try:
            _, ancillary, _, _ = sock.recvmsg(
                0, _ANCILLARY_BYTES, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT
            )
        except OSError:
            break  # nothing more, or an error of the connection, which reading will meet, too
        stamp = _tx_stamp(ancillary)
        if stamp is not None:
            found.append(stamp)
    return found


def _tx_stamp(ancillary: Sequence[tuple[int, int, bytes]]) -> TxStamp | None:
    at = rx_stamp(ancillary)
    for level, _, data in ancillary:
        if level == socket.SOL_SOCKET or len(data) < _EXTENDED_ERROR.size or at is None:
            continue
        _, origin, _, _, _, kind, last = _EXTENDED_ERROR.unpack_from(data)
        if origin == _ORIGIN_TIMESTAMPING and kind in _KINDS:
            return TxStamp((last + 1) & 0xFFFFFFFF, _KINDS[kind], at)
    return None


def _times(data: bytes) -> Stamp | None:
    if len(data) < _TIMES.size:
        return None
    seconds, nanos, _, _, card_seconds, card_nanos = _TIMES.unpack_from(data)
    return Stamp(seconds * _SECOND_NS + nanos, card_seconds * _SECOND_NS + card_nanos)

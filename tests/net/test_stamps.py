"""The kernel's stamps, read from what `recvmsg` gives beside the data.

The bytes are put together here after include/uapi/linux/errqueue.h: struct scm_timestamping is
three timespecs (software, deprecated, hardware); struct sock_extended_err is errno, origin, type,
code, pad, info (the kind of stamp), data (the offset of the last byte).
"""

from __future__ import annotations

import socket
import struct

import pytest

from fixgate.net import stamps
from fixgate.net.stamps import Stamp, StampKind, TxStamp, enable_stamps, read_tx_stamps, rx_stamp

SOL_IP, IP_RECVERR, SOL_IPV6, IPV6_RECVERR = 0, 11, 41, 25
ENOMSG, TIMESTAMPING = 42, 4


def times(software_ns: int = 0, hardware_ns: int = 0) -> tuple[int, int, bytes]:
    parts = (*divmod(software_ns, 10**9), 0, 0, *divmod(hardware_ns, 10**9))
    return (1, 37, struct.pack("=6q", *parts))


def extended(kind: int, last: int, *, origin: int = TIMESTAMPING, v6: bool = False):
    data = struct.pack("=IBBBBII", ENOMSG, origin, 0, 0, 0, kind, last) + b"\0" * 16
    return (SOL_IPV6, IPV6_RECVERR, data) if v6 else (SOL_IP, IP_RECVERR, data)


class Socket:
    """Gives what waits in its error queue, then says that there is nothing."""

    def __init__(self, *waiting) -> None:
        self.waiting = list(waiting)
        self.options: list[int] = []
        self.refused: set[int] = set()

    def recvmsg(self, size, ancillary_size, flags):
        assert flags == socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT
        assert ancillary_size >= 128
        if not self.waiting:
            raise BlockingIOError
        return b"", self.waiting.pop(0), 0, None

    def setsockopt(self, level, option, value):
        assert (level, option) == (socket.SOL_SOCKET, 37)
        self.options.append(value)
        if value in self.refused:
            raise OSError(22, "Invalid argument")


@pytest.mark.parametrize("v6", [False, True])
def test_a_stamp_of_each_kind(v6: bool):
    at = 1_767_225_600_123_456_789
    sock = Socket(
        [times(at), extended(1, 99, v6=v6)],
        [times(at + 5), extended(0, 99, v6=v6)],
        [extended(2, 0xFFFFFFFF, v6=v6), times(at + 9)],
    )
    assert read_tx_stamps(sock) == [
        TxStamp(100, StampKind.SCHEDULED, Stamp(at)),
        TxStamp(100, StampKind.SENT, Stamp(at + 5)),
        TxStamp(0, StampKind.ACKED, Stamp(at + 9)),
    ]


def test_the_card_stamps_beside_the_kernel():
    sock = Socket([times(0, 77_000_000_001), extended(0, 0)])
    assert read_tx_stamps(sock) == [TxStamp(1, StampKind.SENT, Stamp(0, 77_000_000_001))]
    assert rx_stamp([times(5, 6)]) == Stamp(5, 6)


@pytest.mark.parametrize(
    "ancillary",
    [
        [],
        [times(5)],
        [extended(0, 1)],
        [times(5), extended(0, 1, origin=2)],
        [times(5), extended(17, 1)],
        [(1, 37, b"short"), extended(0, 1)],
        [times(5), (SOL_IP, IP_RECVERR, b"short")],
    ],
    ids=["empty", "time only", "no time", "an ICMP error", "no such kind", "cut", "cut, too"],
)
def test_what_is_no_stamp_is_passed_over(ancillary):
    sock = Socket(ancillary, [times(9), extended(0, 1)])
    assert read_tx_stamps(sock) == [TxStamp(2, StampKind.SENT, Stamp(9))]


def test_no_stamp_beside_the_data():
    assert rx_stamp([]) is None
    assert rx_stamp([(1, 29, b"x" * 48), (1, 37, b"")]) is None


def test_an_older_kernel_is_asked_for_less():
    sock = Socket()
    assert enable_stamps(sock) == ""
    (best,) = sock.options
    sock.refused = {best}
    assert enable_stamps(sock) == ""
    sock.refused = set(stamps._WISHES)
    assert enable_stamps(sock) == "SO_TIMESTAMPING: Invalid argument"
    assert sock.options[-3:] == list(stamps._WISHES)


def test_elsewhere_than_on_linux_there_are_none(monkeypatch):
    monkeypatch.setattr(stamps.sys, "platform", "darwin")
    assert enable_stamps(Socket()) == "no kernel stamps on darwin"

"""What the kernel knows of a TCP connection: TCP_INFO, Linux.

Spec: Linux, include/uapi/linux/tcp.h, struct tcp_info: it only ever grows at its end.
"""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass

__all__ = ["TcpInfo", "read_tcp_info", "tcp_info_bytes"]

_SIZE = 256
_US = 1000


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """A connection as its own kernel sees it; what an older kernel does not tell is 0.

    Attributes:
        retransmits: Timeouts in a row for what is unacknowledged now.
        backoff: How often the timeout was doubled for it.
        rto_ns: The retransmission timeout.
        unacked: Segments sent and not acknowledged.
        lost: Of these, segments taken for lost.
        rtt_ns: Smoothed round trip; it holds the time that a peer waits before it acknowledges.
        rttvar_ns: Its mean deviation.
        min_rtt_ns: The least round trip of a window of minutes; 0 for unknown.
        total_retrans: Segments ever sent again.
        bytes_acked: Bytes of ours that the peer's kernel has acknowledged.
        bytes_received: Bytes of the peer's that have come.
        bytes_retrans: Bytes ever sent again.
        notsent_bytes: Bytes that wait in our kernel and were never sent.
        busy_ns: How long there was something to send.
        rwnd_limited_ns: How long sending waited for the peer's window: it does not read.
        sndbuf_limited_ns: How long sending waited for our own buffer.
        dsack_dups: Segments that the peer reported to have had twice.
        rcv_ooopack: Segments that came out of order.
        snd_wnd: The peer's receive window, bytes.
    """

    retransmits: int
    backoff: int
    rto_ns: int
    unacked: int
    lost: int
    rtt_ns: int
    rttvar_ns: int
    min_rtt_ns: int
    total_retrans: int
    bytes_acked: int
    bytes_received: int
    bytes_retrans: int
    notsent_bytes: int
    busy_ns: int
    rwnd_limited_ns: int
    sndbuf_limited_ns: int
    dsack_dups: int
    rcv_ooopack: int
    snd_wnd: int

    @classmethod
    def decode(cls, raw: bytes) -> TcpInfo:
        """Read the kernel's structure, of any age: what it lacks counts as 0."""
        raw = raw.ljust(_SIZE, b"\0")
        words = struct.unpack_from("=24I", raw, 8)
        acked, received = struct.unpack_from("=2Q", raw, 120)
        notsent, min_rtt = struct.unpack_from("=2I", raw, 144)
        busy, rwnd, sndbuf = struct.unpack_from("=3Q", raw, 168)
        (retrans_bytes,) = struct.unpack_from("=Q", raw, 208)
        dsack, _, ooo, window = struct.unpack_from("=4I", raw, 216)
        return cls(
            retransmits=raw[2],
            backoff=raw[4],
            rto_ns=words[0] * _US,
            unacked=words[4],
            lost=words[6],
            rtt_ns=words[15] * _US,
            rttvar_ns=words[16] * _US,
            # All ones: nothing was measured yet.
            min_rtt_ns=0 if min_rtt == 0xFFFFFFFF else min_rtt * _US,
            total_retrans=words[23],
            bytes_acked=acked,
            bytes_received=received,
            bytes_retrans=retrans_bytes,
            notsent_bytes=notsent,
            busy_ns=busy * _US,
            rwnd_limited_ns=rwnd * _US,
            sndbuf_limited_ns=sndbuf * _US,
            dsack_dups=dsack,
            rcv_ooopack=ooo,
            snd_wnd=window,
        )


def tcp_info_bytes(sock: socket.socket) -> bytes:
    """Return the kernel's structure undecoded, for whoever is in a hurry; empty when it has none.

    About a microsecond; `TcpInfo.decode` costs some more.
    """
    if sys.platform != "linux":
        return b""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except OSError:
        return b""


def read_tcp_info(sock: socket.socket) -> TcpInfo | None:
    """Return what the kernel knows of a connection; ``None`` where it tells nothing."""
    raw = tcp_info_bytes(sock)
    return TcpInfo.decode(raw) if raw else None

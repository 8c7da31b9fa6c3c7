"""What the kernel tells of a connection, decoded from a structure laid out by hand.

Offsets after include/uapi/linux/tcp.h: 8 bytes of states, 24 words, then as marked there.
"""

from __future__ import annotations

import socket
import struct

import pytest

from fixgate.net import tcp_info
from fixgate.net.tcp_info import TcpInfo, read_tcp_info, tcp_info_bytes


def structure(**at_offset: bytes) -> bytes:
    raw = bytearray(248)
    for place, value in at_offset.items():
        offset = int(place[1:])
        raw[offset : offset + len(value)] = value
    return bytes(raw)


def u32(value: int) -> bytes:
    return struct.pack("=I", value)


def u64(value: int) -> bytes:
    return struct.pack("=Q", value)


RAW = structure(
    _2=b"\x03", _4=b"\x02", _8=u32(204_000), _24=u32(5), _32=u32(1), _68=u32(531), _72=u32(40),
    _100=u32(7), _120=u64(1 << 40), _128=u64(99), _144=u32(4096), _148=u32(428),
    _168=u64(10), _176=u64(20), _184=u64(30), _208=u64(1500), _216=u32(2), _224=u32(4),
    _228=u32(65_535),
)  # fmt: skip


def test_every_field_is_where_the_header_has_it():
    assert TcpInfo.decode(RAW) == TcpInfo(
        retransmits=3, backoff=2, rto_ns=204_000_000, unacked=5, lost=1, rtt_ns=531_000,
        rttvar_ns=40_000, min_rtt_ns=428_000, total_retrans=7, bytes_acked=1 << 40,
        bytes_received=99, bytes_retrans=1500, notsent_bytes=4096, busy_ns=10_000,
        rwnd_limited_ns=20_000, sndbuf_limited_ns=30_000, dsack_dups=2, rcv_ooopack=4,
        snd_wnd=65_535,
    )  # fmt: skip


def test_an_older_kernel_tells_less():
    old = TcpInfo.decode(RAW[:104])
    assert (old.total_retrans, old.rtt_ns) == (7, 531_000)
    assert (old.min_rtt_ns, old.bytes_acked, old.snd_wnd, old.bytes_retrans) == (0, 0, 0, 0)
    assert TcpInfo.decode(b"").unacked == 0


def test_nothing_measured_yet_is_unknown_not_an_hour():
    assert TcpInfo.decode(structure(_148=u32(0xFFFFFFFF))).min_rtt_ns == 0


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="needs Linux")
def test_a_closed_socket_and_another_system_tell_nothing(monkeypatch):
    sock = socket.socket()
    sock.close()
    assert tcp_info_bytes(sock) == b""
    assert read_tcp_info(sock) is None
    monkeypatch.setattr(tcp_info.sys, "platform", "win32")
    with socket.socket() as sock:
        assert read_tcp_info(sock) is None


@pytest.mark.live
@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="needs Linux")
def test_a_real_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
        with near, far:
            near.sendall(b"x" * 1000)
            assert len(far.recv(1000, socket.MSG_WAITALL)) == 1000
            far.sendall(b"y" * 10)
            near.recv(10)
            found = read_tcp_info(near)
    assert found is not None
    assert found.bytes_received == 10
    assert found.bytes_acked >= 1000
    assert found.total_retrans == 0
    assert 0 < found.min_rtt_ns < 1_000_000_000
    assert found.snd_wnd > 10_000

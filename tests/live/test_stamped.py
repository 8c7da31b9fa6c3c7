"""The stamped transport against a plain socket: what a transport has to do, on both loops."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys

import pytest

from fixgate.net.stamped import StampedTransport, can_stamp
from fixgate.net.stamps import StampKind
from fixgate.net.tcp_info import TcpInfo
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten, StampsAbsent

pytestmark = pytest.mark.skipif(not can_stamp(), reason="needs Linux")


class Protocol(asyncio.Protocol):
    def __init__(self, *, half_open: bool = False) -> None:
        self.half_open = half_open
        self.got = bytearray()
        self.said: list[object] = []
        self.lost: asyncio.Future = asyncio.get_running_loop().create_future()
        self.eof = asyncio.Event()

    def connection_made(self, transport) -> None:
        self.said.append("made")

    def data_received(self, data: bytes) -> None:
        self.got += data

    def eof_received(self) -> bool:
        self.eof.set()
        return self.half_open

    def pause_writing(self) -> None:
        self.said.append("pause")

    def resume_writing(self) -> None:
        self.said.append("resume")

    def connection_lost(self, exc) -> None:
        self.lost.set_result(exc)


@contextlib.asynccontextmanager
async def pair(**kwargs):
    """A stamped transport, its protocol, what it notes, and the other end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    near.setblocking(False)
    near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    far.setblocking(False)
    protocol, noted = Protocol(**kwargs), []
    transport = StampedTransport(near, protocol, noted.append)
    try:
        async with asyncio.timeout(10):
            yield transport, protocol, noted, far
    finally:
        transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        far.close()
    assert protocol.lost.done()
    assert near.fileno() == -1


async def recv(far: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += await asyncio.get_running_loop().sock_recv(far, count - len(data))
    return data


async def until(true) -> None:
    while not true():  # noqa: ASYNC110 - what is awaited is any condition at all
        await asyncio.sleep(0)


async def test_every_write_is_stamped_on_its_way_and_every_read_when_it_came():
    async with pair() as (transport, protocol, noted, far):
        for number in range(3):
            transport.write(b"x" * (100 + number))
            assert await recv(far, 100 + number) == b"x" * (100 + number)
            await asyncio.get_running_loop().sock_sendall(far, b"y" * 50)
            await until(lambda number=number: len(protocol.got) == 50 * (number + 1))
        await until(lambda: sum(s.kind is StampKind.ACKED for s in stamps(noted)) == 3)
        written = [each for each in noted if isinstance(each, BytesWritten)]
        read = [each for each in noted if isinstance(each, BytesRead)]
        assert [each.end for each in written] == [100, 201, 303]
        for kind in StampKind:
            assert [each.end for each in stamps(noted) if each.kind is kind] == [100, 201, 303]
        for out, back in zip(written, read, strict=True):
            at = {s.kind: s.software_ns for s in stamps(noted) if s.end == out.end}
            assert out.at_ns <= at[StampKind.SCHEDULED] <= at[StampKind.SENT]
            assert at[StampKind.SENT] <= back.software_ns <= back.at_ns
            assert at[StampKind.SENT] <= at[StampKind.ACKED] <= back.at_ns
            assert TcpInfo.decode(out.tcp).bytes_acked <= TcpInfo.decode(back.tcp).bytes_acked
        assert [each.size for each in read] == [50, 50, 50]
        assert not [each for each in noted if isinstance(each, StampsAbsent)]


def stamps(noted: list) -> list[BytesStamped]:
    return [each for each in noted if isinstance(each, BytesStamped)]


async def test_much_goes_out_as_it_is_read_and_the_protocol_is_told():
    async with pair() as (transport, protocol, noted, far):
        data = bytes(range(256)) * 40_000
        transport.set_write_buffer_limits(high=1000, low=10)
        transport.write(data)
        assert protocol.said == ["made", "pause"]
        assert transport.get_write_buffer_size() > 1000
        assert await recv(far, len(data)) == data
        await until(lambda: protocol.said == ["made", "pause", "resume"])
        assert transport.get_write_buffer_size() == 0
        await until(lambda: any(s.end == len(data) for s in stamps(noted)))
        assert max(each.end for each in stamps(noted)) == len(data)


async def test_close_sends_the_rest_first():
    async with pair() as (transport, protocol, _, far):
        data = b"z" * 8_000_000
        transport.write(data)
        transport.close()
        assert transport.is_closing()
        transport.write(b"too late")
        assert await recv(far, len(data)) == data
        assert await protocol.lost is None
        assert await asyncio.get_running_loop().sock_recv(far, 1) == b""


async def test_half_closing_waits_for_what_is_kept():
    async with pair(half_open=True) as (transport, protocol, _, far):
        data = b"z" * 8_000_000
        transport.write(data)
        assert transport.can_write_eof()
        transport.write_eof()
        transport.write_eof()
        transport.write(b"too late")
        assert await recv(far, len(data)) == data
        assert await asyncio.get_running_loop().sock_recv(far, 1) == b""
        await asyncio.get_running_loop().sock_sendall(far, b"still here")
        await until(lambda: bytes(protocol.got) == b"still here")
        assert not protocol.lost.done()


@pytest.mark.parametrize("half_open", [False, True])
async def test_the_end_of_the_others_input(half_open):
    async with pair(half_open=half_open) as (transport, protocol, _, far):
        far.shutdown(socket.SHUT_WR)
        await protocol.eof.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        assert protocol.lost.done() is not half_open
        if half_open:
            transport.write(b"last word")
            assert await recv(far, 9) == b"last word"


async def test_a_reset_is_an_error():
    async with pair() as (_, protocol, _, far):
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        assert isinstance(await protocol.lost, ConnectionResetError)


@pytest.mark.parametrize("how", ["reset", "closed"])
async def test_an_end_while_nothing_is_read_is_noticed_when_reading_goes_on(how):
    async with pair() as (transport, protocol, _, far):
        transport.pause_reading()
        assert not transport.is_reading()
        if how == "reset":
            far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await asyncio.get_running_loop().sock_sendall(far, b"bye")
        far.close()
        turns = 0
        while turns < 50:
            await asyncio.sleep(0)
            turns += 1
        assert not protocol.lost.done()
        assert not protocol.got
        transport.resume_reading()
        await protocol.lost
        if how == "closed":
            assert bytes(protocol.got) == b"bye"


async def test_writing_into_a_reset_connection_is_an_error():
    async with pair() as (transport, protocol, _, far):
        transport.pause_reading()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        await asyncio.sleep(0.01)
        transport.write(b"x")
        assert isinstance(await protocol.lost, OSError)


async def test_an_idle_connection_costs_no_turns_of_the_loop():
    """The error queue's stamps are taken, not left there to wake the loop for ever."""
    async with pair() as (transport, _, noted, far):
        transport.write(b"x")
        await recv(far, 1)
        await until(lambda: any(s.kind is StampKind.ACKED for s in stamps(noted)))
        calls = []
        ready = transport._ready
        loop = asyncio.get_running_loop()
        loop.remove_reader(transport._epoll.fileno())
        loop.add_reader(transport._epoll.fileno(), lambda: (calls.append(1), ready()))
        await asyncio.sleep(0.05)
        assert not calls


async def test_another_protocol_takes_over():
    async with pair() as (transport, protocol, _, far):
        assert transport.get_protocol() is protocol
        other = Protocol()
        transport.set_protocol(other)
        await asyncio.get_running_loop().sock_sendall(far, b"hello")
        await until(lambda: bytes(other.got) == b"hello")
        assert not protocol.got
        with pytest.raises(
            TypeError, match=r"^expected asyncio\.Protocol, received DatagramProtocol$"
        ):
            transport.set_protocol(asyncio.DatagramProtocol())
        transport.set_protocol(protocol)


async def test_where_the_kernel_stamps_nothing_it_says_why(monkeypatch):
    monkeypatch.setattr(sys, "platform", "plan9")
    async with pair() as (transport, protocol, noted, far):
        assert noted == [StampsAbsent("no kernel stamps on plan9")]
        transport.write(b"x")
        assert await recv(far, 1) == b"x"
        await asyncio.get_running_loop().sock_sendall(far, b"y")
        await until(lambda: bytes(protocol.got) == b"y")
        assert not stamps(noted)
        (read,) = (each for each in noted if isinstance(each, BytesRead))
        assert (read.software_ns, read.hardware_ns) == (0, 0)

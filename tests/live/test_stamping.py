"""Stamps on what comes in, from the first packet on."""

from __future__ import annotations

import socket
import time

import pytest

from fixgate.net import stamping as module
from fixgate.net.stamped import can_stamp
from fixgate.net.stamping import stamping
from fixgate.net.stamps import enable_stamps, rx_stamp

pytestmark = pytest.mark.skipif(not can_stamp(), reason="needs Linux")


def first_packet_is_stamped() -> bool:
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    with near, far:
        assert enable_stamps(near) == ""
        far.send(b"x")
        _, ancillary, _, _ = near.recvmsg(1, 512)
    stamp = rx_stamp(ancillary)
    return stamp is not None and bool(stamp.software_ns)


def test_the_first_packet_of_every_connection_is_stamped():
    for _ in range(20):
        with stamping():
            assert all(first_packet_is_stamped() for _ in range(3))


def test_where_there_are_none_it_does_not_wait(monkeypatch):
    monkeypatch.setattr(module, "enable_stamps", lambda sock: "none here")
    begun = time.monotonic()
    with stamping():
        pass
    assert time.monotonic() - begun < 0.15


@pytest.mark.parametrize("broken", ["create_server", "create_connection"])
def test_without_loopback_nothing_is_amiss(monkeypatch, broken):
    def fail(*args, **kwargs):
        raise OSError("no such address")

    monkeypatch.setattr(socket, broken, fail)
    with stamping():
        pass


def test_stamps_that_never_come_are_waited_for_only_so_long(monkeypatch):
    monkeypatch.setattr(module, "rx_stamp", lambda ancillary: None)
    monkeypatch.setattr(module, "_PATIENCE_NS", 5_000_000)
    with stamping():
        pass

"""The kernel stamping what comes in, from the first packet on.

Linux stamps packets on arrival only while some socket asks for it, and switches that on and off in
the background: what comes in the first moments has no stamp. So whoever measures asks for stamps
beforehand, waits until they come, and goes on asking until the end.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fixgate.net.stamps import enable_stamps, rx_stamp

__all__ = ["stamping"]

_PATIENCE_NS = 200_000_000


@contextmanager
def stamping() -> Iterator[None]:
    """Have the kernel stamp what comes in; where it never does, nothing is amiss here."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(1)
            near = socket.create_connection(server.getsockname(), timeout=1)
            far, _ = server.accept()
    except OSError:
        yield
        return
    with near, far:
        if not enable_stamps(near):
            _await_stamp(near, far)
        yield


def _await_stamp(near: socket.socket, far: socket.socket) -> None:
    end_ns = time.monotonic_ns() + _PATIENCE_NS
    near.settimeout(1)
    try:
        while time.monotonic_ns() < end_ns:
            far.send(b"x")
            _, ancillary, _, _ = near.recvmsg(1, 512)
            stamp = rx_stamp(ancillary)
            if stamp is not None and stamp.software_ns:
                return
            time.sleep(0.001)
    except OSError:
        return  # no stamps, then; each connection says so for itself

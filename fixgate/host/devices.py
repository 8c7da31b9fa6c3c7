"""What no file says: drivers, routes, the kernel's clock, chrony. Asked, never told anything."""

from __future__ import annotations

import array
import contextlib
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from typing import Protocol

from fixgate.host.facts.ethtool import QUESTIONS
from fixgate.host.facts.route import interface_index, route_request
from fixgate.host.model import KernelClock

__all__ = ["Devices", "SystemDevices"]

_SIOCETHTOOL = 0x8946
_STA_UNSYNC, _STA_NANO = 0x0040, 0x2000
_CHRONYC_S = 1.0
_ANSWER_S = 0.5


class Devices(Protocol):
    """Answers about one machine; nothing raises, and ``None`` is no answer."""

    def interface_to(self, address: str) -> str | None:
        """Return the interface that leads to an IP address."""

    def ethtool(self, interface: str) -> Mapping[int, bytes]:
        """Return a driver's answers to `QUESTIONS`; what it does not know is left out."""

    def kernel_clock(self) -> KernelClock | None:
        """Return the kernel's account of its clock."""

    def chronyc(self) -> str | None:
        """Return what ``chronyc -c tracking`` prints."""


class SystemDevices:
    """This machine's."""

    def interface_to(self, address: str) -> str | None:
        """Ask the kernel's routing, over netlink."""
        if sys.platform != "linux":
            return None
        try:
            with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
                netlink.settimeout(_ANSWER_S)
                netlink.send(route_request(address))
                index = interface_index(netlink.recv(4096))
            return socket.if_indextoname(index) if index else None
        except (OSError, ValueError):
            return None

    def ethtool(self, interface: str) -> Mapping[int, bytes]:
        """Ask the driver, by ioctl: the program ethtool need not be there."""
        answers: dict[int, bytes] = {}
        if sys.platform != "linux":
            return answers
        import fcntl

        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
            for command, size in QUESTIONS.items():
                buffer = array.array("B", struct.pack("I", command) + bytes(size - 4))
                request = struct.pack("16sP", interface.encode()[:15], buffer.buffer_info()[0])
                with contextlib.suppress(OSError):
                    fcntl.ioctl(any_, _SIOCETHTOOL, request)
                    answers[command] = buffer.tobytes()
        return answers

    def kernel_clock(self) -> KernelClock | None:
        """Ask adjtimex, which with ``modes`` 0 changes nothing."""
        if sys.platform != "linux":
            return None
        timex = _Timex()
        try:
            if ctypes.CDLL(None).adjtimex(ctypes.byref(timex)) < 0:
                return None
        except (OSError, AttributeError):
            return None
        return KernelClock(
            synchronised=not timex.status & _STA_UNSYNC,
            offset_ns=timex.offset if timex.status & _STA_NANO else timex.offset * 1000,
            max_error_us=timex.maxerror,
            estimated_error_us=timex.esterror,
            frequency_ppm=timex.freq / 65536,
            tai_s=timex.tai,
        )

    def chronyc(self) -> str | None:
        """Ask chrony's own program, where it is."""
        program = shutil.which("chronyc")
        if program is None:
            return None
        try:
            done = subprocess.run(
                [program, "-c", "tracking"],
                capture_output=True,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                timeout=_CHRONYC_S,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.decode("ascii", "replace") if done.returncode == 0 else None


class _Timex(ctypes.Structure):
    """Spec: adjtimex(2), ``struct timex``."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("tv_sec", ctypes.c_long),
        ("tv_usec", ctypes.c_long),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )

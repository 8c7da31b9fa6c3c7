"""What drivers answer to ethtool's questions: bytes of the kernel's structures.

Spec: Linux include/uapi/linux/ethtool.h. All are questions that any user may ask.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from fixgate.host.nic import NicSettings

__all__ = ["QUESTIONS", "nic_settings"]

_DRIVER, _COALESCE, _RINGS, _PAUSE = 0x03, 0x0E, 0x10, 0x12
_TSO, _FLAGS, _GRO, _CHANNELS, _STAMPS = 0x1E, 0x25, 0x2B, 0x3C, 0x41
_LRO = 1 << 15

QUESTIONS: Mapping[int, int] = {
    _DRIVER: 196,
    _COALESCE: 92,
    _RINGS: 36,
    _PAUSE: 16,
    _TSO: 8,
    _FLAGS: 8,
    _GRO: 8,
    _CHANNELS: 36,
    _STAMPS: 44,
}
"""The command, and how many bytes its structure has."""


def nic_settings(answers: Mapping[int, bytes]) -> NicSettings:
    """Return what a driver says.

    Args:
        answers: By command; what it does not know is not in it.
    """
    rings, coalesce = _words(answers, _RINGS), _words(answers, _COALESCE)
    pause, channels = _words(answers, _PAUSE), _words(answers, _CHANNELS)
    flags, stamps = _words(answers, _FLAGS), _words(answers, _STAMPS)
    driver, version, firmware, bus = _driver(answers.get(_DRIVER))
    return NicSettings(
        driver=driver,
        driver_version=version,
        firmware=firmware,
        bus=bus,
        rx_ring=rings[5] if rings else None,
        rx_ring_most=rings[1] if rings else None,
        tx_ring=rings[8] if rings else None,
        tx_ring_most=rings[4] if rings else None,
        rx_usecs=coalesce[1] if coalesce else None,
        rx_frames=coalesce[2] if coalesce else None,
        adaptive_rx=bool(coalesce[10]) if coalesce else None,
        rx_pause=bool(pause[2]) if pause else None,
        tx_pause=bool(pause[3]) if pause else None,
        # Queues for both directions, or those that only receive.
        channels=channels[8] + channels[5] if channels else None,
        channels_most=max(channels[4], channels[1]) if channels else None,
        gro=_value(answers, _GRO),
        lro=bool(flags[1] & _LRO) if flags else None,
        tso=_value(answers, _TSO),
        timestamping=stamps[1] if stamps else None,
        phc=-1 if stamps and stamps[2] == 0xFFFFFFFF else stamps[2] if stamps else None,
    )


def _words(answers: Mapping[int, bytes], command: int) -> tuple[int, ...]:
    """Return a structure as numbers of 32 bits, the command the first; none without an answer."""
    answer = answers.get(command, b"")
    if len(answer) != QUESTIONS[command]:
        return ()
    return struct.unpack(f"{len(answer) // 4}I", answer)


def _value(answers: Mapping[int, bytes], command: int) -> bool | None:
    words = _words(answers, command)
    return bool(words[1]) if words else None


def _driver(answer: bytes | None) -> tuple[str | None, str | None, str | None, str | None]:
    if answer is None or len(answer) != QUESTIONS[_DRIVER]:
        return None, None, None, None
    texts = [answer[at : at + 32] for at in (4, 36, 68, 100)]
    driver, version, firmware, bus = (
        text.partition(b"\0")[0].decode("ascii", "replace") for text in texts
    )
    return driver, version, "" if firmware == "N/A" else firmware, bus

"""A peer that asks for the same messages again and again.

Spec: none; the standard has no end to it, and two engines that disagree go on for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Repeats"]

_APART_NS = 1_000_000_000
"""Engines that ask at every message that is too high (QuickFIX's SendRedundantResendRequests) ask
many times before anything can have reached them; requests within a second count as one."""


@dataclass(slots=True)
class Repeats:
    """How often the peer has asked for the same messages, on one connection.

    Attributes:
        begin: BeginSeqNo(7) of its last ResendRequest, 0 before the first.
        times: How often it came again.
        at_ns: When it last counted.
    """

    begin: int = 0
    times: int = 0
    at_ns: int = 0

    def asked(self, begin: int, now_ns: int) -> int:
        """Count a request; return how often it has come again."""
        if begin != self.begin:
            self.begin, self.times, self.at_ns = begin, 0, now_ns
        elif now_ns - self.at_ns >= _APART_NS:
            self.times += 1
            self.at_ns = now_ns
        return self.times

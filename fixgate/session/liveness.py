"""Is the peer there, and does it know that we are: pure arithmetic on instants.

The third small machine of a session: the link is fresh, or the peer is challenged with a
TestRequest. Independent of phase and recovery.

Spec: FIX 4.4 volume 2, "Heartbeat" and "Test Request"; test cases 4.a, 6.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Due", "Liveness"]

# "Some reasonable transmission time", in tenths of HeartBtInt: a TestRequest after 1.2 intervals
# without input as case 6 has it, the end after 2.4. QuickFIX uses the same; Artio adds 3 s.
CHALLENGE_TENTHS = 12
GIVE_UP_TENTHS = 24


class Due(Enum):
    """What time it is for."""

    HEARTBEAT = "Heartbeat"
    TEST_REQUEST = "TestRequest"
    GIVE_UP = "disconnect"


class Liveness:
    """When we last spoke and last heard, and what that asks of us.

    Args:
        mute_while_challenged: Send no Heartbeat while a TestRequest of ours is unanswered.
    """

    __slots__ = ("_asked_after_ns", "_asked_ns", "_interval_ns", "_mute", "heard_ns", "spoke_ns")

    heard_ns: int
    """When something valid last came from the peer; set by the session for every message."""

    spoke_ns: int
    """When we last sent something; set by the session for every message."""

    def __init__(self, *, mute_while_challenged: bool = False) -> None:
        self._mute = mute_while_challenged
        self._interval_ns = 0
        self.heard_ns = 0
        self.spoke_ns = 0
        self._asked_after_ns = -1
        self._asked_ns = 0

    def start(self, heartbeat_s: int, now_ns: int) -> None:
        """Begin with HeartBtInt(108) in force; 0 switches the machine off."""
        self._interval_ns = heartbeat_s * 1_000_000_000
        self.heard_ns = self.spoke_ns = now_ns
        self._asked_after_ns = -1

    def stop(self) -> None:
        """Expect and owe nothing more."""
        self._interval_ns = 0

    def clock_stepped(self, step_ns: int) -> None:
        """Keep every distance from now."""
        self._asked_after_ns += step_ns
        self._asked_ns += step_ns
        self.heard_ns += step_ns
        self.spoke_ns += step_ns

    def challenged(self, now_ns: int) -> None:
        """The TestRequest that was due has been sent; hearing anything later answers it.

        Where it went out late, because this process slept or its clock was set forward, the
        peer has the same time to answer it.
        """
        self._asked_after_ns = self.heard_ns
        self._asked_ns = now_ns

    @property
    def _challenged(self) -> bool:
        return self._asked_after_ns == self.heard_ns

    def unanswered(self, now_ns: int) -> bool:
        """Return whether the answer to our TestRequest is overdue.

        Long before the end: the peer has had "some reasonable transmission time" for it, two
        tenths of HeartBtInt. Another connection may then be taken for its new one.
        """
        answer_ns = self._interval_ns * (CHALLENGE_TENTHS - 10) // 10
        return self._interval_ns > 0 and self._challenged and now_ns >= self._asked_ns + answer_ns

    @property
    def deadline_ns(self) -> int | None:
        """The next instant at which `due` returns something; ``None`` when switched off."""
        interval = self._interval_ns
        if not interval:
            return None
        silence = self._give_up_ns if self._challenged else self._challenge_ns
        if self._challenged and self._mute:
            return silence
        return min(silence, self.spoke_ns + interval)

    @property
    def _challenge_ns(self) -> int:
        return self.heard_ns + self._interval_ns * CHALLENGE_TENTHS // 10

    @property
    def _give_up_ns(self) -> int:
        answer_ns = self._interval_ns * (GIVE_UP_TENTHS - CHALLENGE_TENTHS) // 10
        return max(
            self.heard_ns + self._interval_ns * GIVE_UP_TENTHS // 10, self._asked_ns + answer_ns
        )

    def due(self, now_ns: int) -> Due | None:
        """Return what is due at ``now_ns``, the most serious first."""
        interval = self._interval_ns
        if not interval:
            return None
        if self._challenged and now_ns >= self._give_up_ns:
            return Due.GIVE_UP
        if not self._challenged and now_ns >= self._challenge_ns:
            return Due.TEST_REQUEST
        if self._challenged and self._mute:
            return None
        return Due.HEARTBEAT if now_ns - self.spoke_ns >= interval else None

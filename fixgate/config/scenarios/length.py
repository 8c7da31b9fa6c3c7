"""How long steps can take at most, and how often they are played."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from fixgate.scenario.steps import (
    Advance,
    AnyOf,
    ArmFault,
    Ask,
    Clear,
    Connect,
    Disconnect,
    Expect,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    Logout,
    Never,
    Parallel,
    Repeat,
    Restart,
    Send,
    SendRaw,
    SetSeqNum,
    Step,
    Wait,
)

__all__ = ["longest_ns", "played"]

_DAY_NS = 86_400 * 1_000_000_000
_SECOND_NS = 1_000_000_000


def longest_ns(steps: Iterable[Step]) -> int:
    """Return how long steps take when each takes as long as it may, nanoseconds."""
    return sum(map(_longest, steps))


def _longest(step: Step) -> int:
    match step:
        case Connect() | Logout() | Expect() | ExpectClosed() | ExpectConnection():
            return step.within_ns
        case Wait() | ExpectSilence():
            return step.for_ns
        case Advance():
            return _DAY_NS if step.by_ns is None else step.by_ns
        case Restart():
            return step.down_ns
        case AnyOf():
            return max(map(longest_ns, step.alternatives))
        case Parallel():
            return max(map(longest_ns, step.branches))
        case Repeat():
            return step.times * longest_ns(step.steps)
        case Ask():
            return 10 * _SECOND_NS  # a person reads
        case Disconnect() | Send() | SendRaw() | SetSeqNum() | ArmFault() | Clear() | Never():
            return 0
    assert_never(step)


def played(steps: Iterable[Step]) -> int:
    """Return how many steps are played, each as often as it is repeated."""
    count = 0
    for step in steps:
        match step:
            case Repeat():
                count += step.times * played(step.steps)
            case Parallel():
                count += sum(map(played, step.branches))
            case _:
                count += 1
    return count

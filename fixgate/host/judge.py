"""What is good about this machine, what could be better, and how: a pure function."""

from __future__ import annotations

from collections import Counter

from fixgate.host.activity import Activity
from fixgate.host.judging.clock import judge_clock
from fixgate.host.judging.interrupts import judge_interrupts
from fixgate.host.judging.memory import judge_memory
from fixgate.host.judging.network import judge_network
from fixgate.host.judging.process import judge_process
from fixgate.host.judging.processor import judge_processor
from fixgate.host.judging.topic import Grade, Line
from fixgate.host.model import Snapshot

__all__ = ["judge", "tally_of"]


def judge(snapshot: Snapshot, activity: Activity | None = None) -> tuple[Line, ...]:
    """Judge every fact, by group.

    Advice is for the machine at hand: what only a hypervisor or a container's host can change is
    said to be theirs.

    Args:
        snapshot: What was read.
        activity: What the machine did for a while; without, counts are those since it started.
    """
    return (
        *judge_processor(snapshot, activity),
        *judge_interrupts(snapshot, activity),
        *judge_memory(snapshot),
        *judge_network(snapshot, activity),
        *judge_clock(snapshot),
        *judge_process(snapshot, activity),
    )


def tally_of(lines: tuple[Line, ...]) -> dict[Grade, int]:
    """Return how many lines have each grade."""
    counted = Counter(line.grade for line in lines)
    return {grade: counted[grade] for grade in Grade}

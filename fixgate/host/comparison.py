"""What is different on a host since a snapshot was taken: settings, and counts that grew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixgate.host.judge import judge
from fixgate.host.judging.topic import Group, Line
from fixgate.host.model import Snapshot

__all__ = ["Change", "Comparison", "Growth", "compare"]

_COUNTED = (
    ("retrans_segs", "TCP segments sent again"),
    ("tcp_timeouts", "TCP timeouts"),
    ("tcp_lost_retransmit", "retransmissions lost again"),
    ("listen_drops", "connections refused (ListenDrops)"),
    ("tcp_backlog_drop", "TCPBacklogDrop"),
    ("prune_called", "PruneCalled"),
    ("tcp_rcvq_drop", "TCPRcvQDrop"),
    ("throttled_periods", "times our control group stood still"),
    ("throttled_us", "microseconds our control group stood still"),
    ("steal_ticks", "hundredths of a second stolen"),
    ("cpu_pressure_us", "microseconds somebody waited for a CPU"),
)
"""Counts of the machine; those of a thread are another one's by now."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is another one now.

    Attributes:
        before: As it was; ``None`` where it was not looked at.
        after: As it is; ``None`` likewise.
    """

    before: Line | None
    after: Line | None

    @property
    def either(self) -> Line:
        """The line as it is, or else as it was."""
        found = self.after or self.before
        assert found is not None, "a change has one of them"
        return found


@dataclass(frozen=True, slots=True)
class Growth:
    """A count.

    Attributes:
        label: What is counted.
        before: Then.
        after: Now.
        grown: By how much; all there is where it began anew.
        went_back: It is less than it was, with the machine not started anew: another network
            namespace or control group, or a driver that was reset.
    """

    label: str
    before: int
    after: int
    grown: int
    went_back: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two snapshots, side by side.

    Attributes:
        before: The earlier one.
        after: The later one.
        restarted: The machine was started in between: its counts began anew.
        changed: Facts that are different, without those of the moment.
        counted: Counts that grew, or went back.
    """

    before: Snapshot
    after: Snapshot
    restarted: bool
    changed: tuple[Change, ...]
    counted: tuple[Growth, ...]

    @property
    def same_host(self) -> bool:
        """Whether both are of a machine of the same name."""
        return self.before.host == self.after.host


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """Return what is different; the earlier snapshot comes first, however they are given."""
    if after.taken_ns < before.taken_ns:
        before, after = after, before
    restarted = _restarted(before, after)
    same = before.host == after.host
    return Comparison(
        before,
        after,
        restarted=same and restarted,
        changed=tuple(_changes(before, after)),
        # Counts of two machines have nothing to do with each other.
        counted=tuple(_grown(before, after, restarted)) if same else (),
    )


def _restarted(before: Snapshot, after: Snapshot) -> bool:
    boots = before.machine.boot_id, after.machine.boot_id
    if all(boots):
        return boots[0] != boots[1]
    return after.counters.steady_ns < before.counters.steady_ns


def _changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    then, now = _settings(before), _settings(after)
    for place in now:
        old = then.get(place)
        if old is None or old.found != now[place].found:
            yield Change(old, now[place])
    for place in then:
        if place not in now:
            yield Change(then[place], None)


def _settings(snapshot: Snapshot) -> dict[tuple[Group, str, str], Line]:
    lines = judge(snapshot)
    return {(line.group, line.key, line.subject): line for line in lines if not line.momentary}


def _grown(before: Snapshot, after: Snapshot, restarted: bool) -> Iterator[Growth]:
    then, now = dict(_counts(before)), dict(_counts(after))
    for label in now:
        if label not in then or (now[label] == then[label] and not restarted):
            continue
        began_anew = restarted or now[label] < then[label]
        grown = now[label] if began_anew else now[label] - then[label]
        went_back = began_anew and not restarted
        if grown or went_back:
            yield Growth(label, then[label], now[label], grown, went_back)


def _counts(snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    for name, label in _COUNTED:
        value: int | None = getattr(snapshot.counters.counts, name)
        if value is not None:
            yield label, value
    if snapshot.counters.softnet:
        yield "packets dropped of the backlog", sum(r.dropped for r in snapshot.counters.softnet)
        yield (
            "times the softirq budget was used up",
            sum(r.squeezed for r in snapshot.counters.softnet),
        )
    for nic in snapshot.nics:
        for name, count in nic.counts:
            yield f"{nic.name} {name}", count
        if nic.carrier_changes is not None:
            yield f"{nic.name} changes of the link", nic.carrier_changes

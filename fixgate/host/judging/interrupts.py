"""Who interrupts our CPUs. Sources are in docs/host.md, a row for each topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fixgate.host.activity import Activity
from fixgate.host.facts.numbers import cpu_text, natural
from fixgate.host.judging.place import Place, place_of
from fixgate.host.judging.since import since
from fixgate.host.judging.topic import Group, Line, Topic
from fixgate.host.model import Irq, Snapshot
from fixgate.host.nic import Nic

__all__ = ["judge_interrupts"]

_GROUP = Group.INTERRUPTS
NIC = Topic("irq.nic", _GROUP, "interrupts", "on other CPUs than ours, of the same NUMA node")
STEERED = Topic("irq.steering", _GROUP, "packet steering", "not to our CPUs")
BALANCER = Topic("irq.balancer", _GROUP, "irqbalance", "not running, or kept off our CPUs")
OURS = Topic("irq.ours", _GROUP, "on our CPUs", "no device's", momentary=True)
SOFTIRQS = Topic(
    "irq.softirqs", _GROUP, "network softirqs", "on other CPUs than ours", momentary=True
)
BACKLOG = Topic("irq.backlog", _GROUP, "backlog drops", "none", momentary=True)
SQUEEZED = Topic("irq.squeezed", _GROUP, "softirq budget used up", "never", momentary=True)

_RARE = 10_000
"""Once in so many packets is nothing to change a setting for."""


def judge_interrupts(snapshot: Snapshot, activity: Activity | None) -> Iterator[Line]:
    """Yield a line for each topic of interrupts, some for each interface."""
    place = place_of(snapshot)
    for nic in snapshot.nics:
        if nic.physical:
            yield replace(_nic(snapshot, place, nic), subject=nic.name)
            yield replace(_steered(place, nic), subject=nic.name)
    yield _balancer(snapshot, place)
    yield _ours(snapshot, place, activity)
    yield _softirqs(snapshot, place, activity)
    yield _backlog(snapshot, activity)
    yield _squeezed(snapshot, activity)


def _nic(snapshot: Snapshot, place: Place | None, nic: Nic) -> Line:
    lines = {line.name: line for line in snapshot.interrupts.lines}
    queues = [lines[name] for name in nic.irqs if name in lines and lines[name].cpus]
    if place is None or not queues:
        return NIC.unknown("its interrupts are not in /proc/irq, or may not be read")
    cpus = tuple(sorted({cpu for line in queues for cpu in line.cpus or ()}))
    found = f"{len(queues)} on CPUs {cpu_text(cpus)}"
    if not place.pinned:
        return NIC.noted(f"{found}; we may run on any of them")
    on_ours = [line for line in queues if set(line.cpus or ()) & set(place.ours)]
    if not on_ours:
        return NIC.good(f"{found}; we run on {cpu_text(place.ours)}")
    return NIC.bad(
        f"{found}, of them {len(on_ours)} on ours ({cpu_text(place.ours)})",
        _move(on_ours, place),
    )


def _move(lines: list[Irq], place: Place) -> str:
    target = cpu_text(place.rest) if place.rest else "OTHER_CPUS"
    command = f"echo {target} > /proc/irq/{lines[0].name}/smp_affinity_list"
    return command if len(lines) == 1 else f"{command}, and so on: {_names(lines)}"


def _names(lines: list[Irq]) -> str:
    return ", ".join(line.name for line in lines[:8]) + (" ..." if len(lines) > 8 else "")


def _steered(place: Place | None, nic: Nic) -> Line:
    if not nic.steered:
        return STEERED.good("none (RPS is off)")
    found = f"packets are handed to CPUs {cpu_text(nic.steered)} (RPS)"
    if place is None or not place.pinned:
        return STEERED.noted(found)
    if set(nic.steered) & set(place.ours):
        masks = f"/sys/class/net/{nic.name}/queues/rx-*/rps_cpus"
        how = f"a mask without {cpu_text(place.ours)} in {masks}"
        return STEERED.better(f"{found}, ours among them", how)
    return STEERED.good(found)


def _balancer(snapshot: Snapshot, place: Place | None) -> Line:
    runs = "irqbalance" in snapshot.process.daemons
    if not runs:
        if not snapshot.machine.kernel:
            return BALANCER.unknown("not known on this system")
        if snapshot.machine.container:
            return BALANCER.unknown("what runs on the host is out of sight in a container")
        return BALANCER.good("not running")
    if place is None or not place.pinned:
        return BALANCER.noted("running: interrupts move between CPUs now and then")
    if place.on_isolated:
        return BALANCER.good("running; it leaves isolated CPUs alone")
    ours = cpu_text(place.ours)
    return BALANCER.better(
        f"running: it may move interrupts to {ours}",
        f"IRQBALANCE_BANNED_CPULIST={ours} in its environment file, or systemctl stop irqbalance",
    )


def _ours(snapshot: Snapshot, place: Place | None, activity: Activity | None) -> Line:
    seen = activity.interrupts if activity and activity.interrupts.lines else snapshot.interrupts
    since = "since the start" if seen is snapshot.interrupts else "while we looked"
    if not seen.lines:
        return OURS.unknown("/proc/interrupts cannot be read here")
    devices = [line for line in seen.lines if natural(line.name) is not None and line.ours]
    busiest = sorted(seen.lines, key=lambda line: line.ours, reverse=True)[:3]
    most = ", ".join(f"{line.ours} {_short(line)}" for line in busiest if line.ours)
    found = f"{sum(line.ours for line in seen.lines)} {since}" + (f": {most}" if most else "")
    if place is None or not place.pinned:
        return OURS.noted(found)
    if seen is snapshot.interrupts:
        # They may be from before we were pinned, or anybody moved them.
        return OURS.noted(found)
    movable = [line for line in devices if line.cpus]
    return OURS.better(found, _move(movable, place)) if movable else OURS.good(found)


def _short(line: Irq) -> str:
    return line.what.split()[-1] if natural(line.name) is not None and line.what else line.name


def _softirqs(snapshot: Snapshot, place: Place | None, activity: Activity | None) -> Line:
    watched = activity.interrupts.softirqs if activity else ()
    receiving = [row for row in watched or snapshot.interrupts.softirqs if row.name == "NET_RX"]
    if not receiving:
        return SOFTIRQS.unknown("/proc/softirqs cannot be read here")
    row, when = receiving[0], "while we looked" if watched else "since the start"
    if place is None or not place.pinned:
        return SOFTIRQS.noted(f"NET_RX ran {row.ours + row.others} times {when}")
    found = f"NET_RX ran {row.ours} times on ours, {row.others} times on others {when}"
    if not watched:
        # They may be from before we were pinned.
        return SOFTIRQS.noted(found)
    if row.ours <= row.others:
        return SOFTIRQS.good(found)
    how = f"interrupts and packet steering of the interface away from {cpu_text(place.ours)}"
    return SOFTIRQS.better(found, how)


def _backlog(snapshot: Snapshot, activity: Activity | None) -> Line:
    rows = snapshot.counters.softnet
    if not rows:
        return BACKLOG.unknown("/proc/net/softnet_stat cannot be read here")
    grown = None if activity is None else sum(row.dropped for row in activity.window.softnet)
    found = since(sum(row.dropped for row in rows), grown)
    cpus = cpu_text(tuple(row.cpu for row in rows if row.dropped))
    backlog = natural(snapshot.network.sysctl("net.core.netdev_max_backlog") or "") or 1000
    how = f"sysctl -w net.core.netdev_max_backlog={backlog * 4}"
    if grown:
        return BACKLOG.bad(f"{found}, on CPUs {cpus}", how)
    return (
        BACKLOG.better(f"{found}, on CPUs {cpus}", how) if cpus != "none" else BACKLOG.good(found)
    )


def _squeezed(snapshot: Snapshot, activity: Activity | None) -> Line:
    rows = snapshot.counters.softnet
    if not rows:
        return SQUEEZED.unknown("/proc/net/softnet_stat cannot be read here")
    grown = None if activity is None else sum(row.squeezed for row in activity.window.softnet)
    squeezed, packets = sum(row.squeezed for row in rows), sum(row.processed for row in rows)
    found = since(squeezed, grown)
    if squeezed * _RARE <= packets and not grown:
        return SQUEEZED.good(found)
    budget = natural(snapshot.network.sysctl("net.core.netdev_budget") or "") or 300
    spent_us = natural(snapshot.network.sysctl("net.core.netdev_budget_usecs") or "") or 2000
    return SQUEEZED.better(
        f"{found}, with {packets} packets",
        f"sysctl -w net.core.netdev_budget={budget * 2} "
        f"net.core.netdev_budget_usecs={spent_us * 2}",
    )

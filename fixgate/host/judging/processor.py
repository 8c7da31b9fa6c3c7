"""The CPUs that this process runs on. Sources are in docs/host.md, a row for each topic."""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.host.activity import Activity
from fixgate.host.facts.numbers import cpu_text
from fixgate.host.judging.place import Place, place_of
from fixgate.host.judging.since import LONG_NS
from fixgate.host.judging.topic import Group, Line, Topic
from fixgate.host.model import Processor, Snapshot

__all__ = ["judge_processor"]

_GROUP = Group.PROCESSOR
PINNING = Topic("cpu.pinning", _GROUP, "pinned", "one isolated CPU of its own")
TICKLESS = Topic("cpu.tickless", _GROUP, "timer tick", "no tick on our CPU")
SIBLINGS = Topic("cpu.siblings", _GROUP, "hyperthreads", "nobody else on our core")
GOVERNOR = Topic("cpu.governor", _GROUP, "governor", "performance")
BOOST = Topic("cpu.boost", _GROUP, "turbo")
IDLE = Topic("cpu.idle", _GROUP, "idle states", "awake again within 2 us")
FREQUENCY = Topic("cpu.frequency", _GROUP, "frequency", momentary=True)
STEAL = Topic("cpu.steal", _GROUP, "stolen time", "below 1 % of the time", momentary=True)
NEIGHBOURS = Topic("cpu.neighbours", _GROUP, "neighbours", "nobody else runs here", momentary=True)
PRESSURE = Topic("cpu.pressure", _GROUP, "waiting to run", "below 1 % of the time", momentary=True)

_QUICK_US = 2
"""The lightest sleep of x86 (C1) takes 1 or 2 us; what is deeper takes 10 and more."""
_TICKS_A_SECOND = 100
_FEW_CPUS = 4
"""Below this, to isolate one leaves too little for everybody else."""
_VM_HOST = "ask whoever runs the hypervisor for dedicated cores (vCPUs pinned, no overcommitment)"


def judge_processor(snapshot: Snapshot, activity: Activity | None) -> Iterator[Line]:
    """Yield a line for each topic of the processor."""
    place = place_of(snapshot)
    yield _pinning(snapshot, place)
    yield _tickless(snapshot, place)
    yield _siblings(snapshot, place)
    yield _governor(snapshot)
    yield _boost(snapshot)
    yield _idle(snapshot)
    yield _frequency(snapshot.processor)
    yield _steal(snapshot, activity)
    yield _neighbours(snapshot, place)
    yield _pressure(snapshot, place, activity)


def _pinning(snapshot: Snapshot, place: Place | None) -> Line:
    if place is None:
        return PINNING.unknown("CPU affinity is not known on this system")
    if place.on_isolated:
        if len(place.ours) == 1:
            return PINNING.good(f"{place.text}, isolated")
        return PINNING.better(
            f"{place.text}, isolated, between which the scheduler moves nothing",
            f"taskset -c {place.ours[0]} fixgate ...",
        )
    if place.isolated:
        found = f"{place.text}; isolated is {cpu_text(place.isolated)}"
        return PINNING.better(found, f"taskset -c {place.isolated[0]} fixgate ...")
    if len(place.online) < _FEW_CPUS:
        found = f"{place.text} of {len(place.online)}; no CPU to spare for us alone"
        return PINNING.better(found, f"a machine with {_FEW_CPUS} CPUs or more, one of them for us")
    # CPU 0 keeps the time for all: the kernel refuses it to be without a tick.
    chosen = place.ours[-1] or place.online[-1]
    how = (
        f"start the kernel with isolcpus=managed_irq,domain,{chosen} nohz_full={chosen} "
        f"rcu_nocbs={chosen}; then taskset -c {chosen} fixgate ..."
    )
    if snapshot.machine.container:
        how += "; on the host of this container"
    if snapshot.machine.virtual:
        how = f"{_VM_HOST}; then, in here, {how}"
    if place.pinned:
        return PINNING.better(f"{place.text}, not isolated: others are put there, too", how)
    return PINNING.better(f"any of the {len(place.online)} CPUs, none of them isolated", how)


def _tickless(snapshot: Snapshot, place: Place | None) -> Line:
    tickless = snapshot.processor.tickless
    if place is None or tickless is None:
        return TICKLESS.unknown("not known on this system")
    if set(place.ours) <= set(tickless):
        return TICKLESS.good(f"{place.text} without a tick while one thread runs")
    if place.on_isolated:
        ours = cpu_text(tuple(cpu for cpu in place.ours if cpu))
        found = f"{place.text} isolated, but with a tick"
        if ours == "none":
            return TICKLESS.better(found, "another CPU than 0, which keeps the time for all")
        return TICKLESS.better(found, f"start the kernel with nohz_full={ours} rcu_nocbs={ours}")
    return TICKLESS.noted(f"ticks; matters once we are alone on a CPU (see {PINNING.label})")


def _siblings(snapshot: Snapshot, place: Place | None) -> Line:
    groups = [group for group in snapshot.processor.siblings if len(group) > 1]
    if place is None or not snapshot.processor.siblings:
        return SIBLINGS.unknown("topology is not known on this system")
    if not groups:
        return SIBLINGS.good("one thread a core")
    foreign = sorted({cpu for group in groups for cpu in group} - set(place.ours))
    if not foreign and len(place.ours) == 1:
        return SIBLINGS.good("one thread a core")
    if not place.pinned or not foreign:
        return SIBLINGS.noted("two threads a core; matters once we are pinned to one")
    theirs = cpu_text(tuple(foreign))
    if snapshot.machine.virtual:
        return SIBLINGS.better(f"{place.text} shares a core with {theirs}", _VM_HOST)
    if set(foreign) <= set(place.isolated):
        return SIBLINGS.good(f"{place.text} shares a core with {theirs}, isolated: leave that idle")
    return SIBLINGS.better(
        f"{place.text} shares a core with {theirs}, where anybody may run",
        f"echo 0 > /sys/devices/system/cpu/cpu{foreign[0]}/online, for each of {theirs}",
    )


def _governor(snapshot: Snapshot) -> Line:
    processor, machine = snapshot.processor, snapshot.machine
    if not processor.governors:
        if machine.virtual:
            return GOVERNOR.unknown("the hypervisor's to choose, out of sight here")
        if not machine.kernel:
            return GOVERNOR.unknown("not known on this system")
        return GOVERNOR.unknown("the kernel does not choose; the firmware does (BIOS, profile)")
    found = ", ".join(processor.governors)
    if processor.governors == ("performance",):
        return GOVERNOR.good(found)
    how = "cpupower frequency-set -g performance"
    driver = processor.frequency_driver or ""
    if "powersave" in processor.governors and not driver.startswith(("intel_pst", "amd-pstate-e")):
        # There it is not what the name says: it goes with the load, as others do.
        return GOVERNOR.bad(f"{found}: the lowest frequency, always", how)
    return GOVERNOR.better(f"{found} ({driver}): slow until there is load", how)


def _boost(snapshot: Snapshot) -> Line:
    boost = snapshot.processor.boost
    if boost is None:
        why = "the hypervisor's" if snapshot.machine.virtual else "not known on this system"
        return BOOST.unknown(why)
    if boost:
        return BOOST.noted("on: faster, and how much depends on what other cores do")
    return BOOST.noted("off: steadier, and slower")


def _idle(snapshot: Snapshot) -> Line:
    processor = snapshot.processor
    limit_us = processor.latency_limit_us
    if not processor.idle_states:
        if "idle=poll" in snapshot.machine.parameters:
            return IDLE.good("none: idle=poll")
        why = "the hypervisor's" if snapshot.machine.virtual else "not known on this system"
        return IDLE.unknown(why)
    used = [
        state
        for state in processor.idle_states
        if state.enabled and (limit_us is None or state.latency_us <= limit_us)
    ]
    if not used:
        return IDLE.good("none: it polls")
    deepest = max(used, key=lambda state: state.latency_us)
    limited = f", limited to {limit_us} us by somebody" if limit_us is not None else ""
    found = f"{deepest.name}, {deepest.latency_us} us to wake up{limited}"
    if deepest.latency_us <= _QUICK_US:
        return IDLE.good(found)
    ours = cpu_text(snapshot.process.affinity or processor.online or ())
    return IDLE.better(
        found,
        f"cpupower -c {ours} idle-set -D {_QUICK_US + 1}, or tuned-adm profile "
        "latency-performance (a limit set through /dev/cpu_dma_latency is seen by root alone)",
    )


def _frequency(processor: Processor) -> Line:
    if processor.least_khz is None or processor.most_khz is None:
        return FREQUENCY.unknown("not known on this system")
    least, most = processor.least_khz / 1e6, processor.most_khz / 1e6
    return FREQUENCY.noted(f"{least:.2f} GHz now, the slowest of ours; at most {most:.2f} GHz")


def _steal(snapshot: Snapshot, activity: Activity | None) -> Line:
    if snapshot.machine.virtual is False:
        return STEAL.good("no hypervisor here")
    ticks = snapshot.counters.counts.steal_ticks
    if ticks is None:
        return STEAL.unknown("not known on this system")
    if ticks == 0:
        return STEAL.good("nothing since the start")
    cpus = len(snapshot.processor.online or (0,))
    percent = _stolen_percent(ticks, snapshot.counters.steady_ns, cpus)
    found = f"{percent:.2g} % of the time since the start"
    grown = activity.window.grown.steal_ticks if activity else None
    if activity is not None and grown is not None:
        now_percent = _stolen_percent(grown, activity.window.duration_ns, cpus)
        found += f", {now_percent:.2g} % while we looked"
        percent = max(percent, now_percent)
    return STEAL.better(found, _VM_HOST) if percent >= 1 else STEAL.noted(found)


def _stolen_percent(ticks: int, duration_ns: int, cpus: int) -> float:
    return 100 * ticks / _TICKS_A_SECOND / max(duration_ns / 1e9 * cpus, 1)


def _neighbours(snapshot: Snapshot, place: Place | None) -> Line:
    process = snapshot.process
    if process.load is None or process.running is None or place is None:
        return NEIGHBOURS.unknown("not known on this system")
    load = f"load {process.load:.2f} on {len(place.online)} CPUs"
    if process.runnable:
        some = ", ".join(f"{r.name} (pid {r.pid}) on CPU {r.cpu}" for r in process.runnable[:3])
        rest = f" and {len(process.runnable) - 3} more" if len(process.runnable) > 3 else ""
        found = f"{some}{rest} running; {load}"
        movable = [other for other in process.runnable if not other.of_kernel]
        if place.pinned and movable:
            free = cpu_text(place.rest) if place.rest else "OTHER_CPUS"
            return NEIGHBOURS.better(found, f"taskset -pc {free} {movable[0].pid}")
        return NEIGHBOURS.noted(found)
    if process.load > len(place.online):
        return NEIGHBOURS.better(load, "fewer programs on this machine while you measure")
    return NEIGHBOURS.good(load)


def _pressure(snapshot: Snapshot, place: Place | None, activity: Activity | None) -> Line:
    waiting = snapshot.memory.waiting_cpu
    if waiting is None:
        return PRESSURE.unknown("the kernel does not count it (CONFIG_PSI, psi=1)")
    percent, over = waiting.recent_percent, "the last 10 s"
    window = activity.window if activity else None
    if window and window.duration_ns >= LONG_NS and window.grown.cpu_pressure_us is not None:
        percent = window.grown.cpu_pressure_us * 100_000 / window.duration_ns
        over = "the time we looked"
    found = f"somebody waited for a CPU in {percent:.1f} % of {over}"
    if percent < 1:
        return PRESSURE.good(found)
    if place is not None and place.on_isolated:
        return PRESSURE.noted(f"{found}; not on ours, which are isolated")
    how = "fewer programs on this machine, or CPUs of our own"
    return PRESSURE.bad(found, how) if percent >= 20 else PRESSURE.better(found, how)

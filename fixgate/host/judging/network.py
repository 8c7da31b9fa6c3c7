"""Interfaces and the stack above them. Sources are in docs/host.md, a row for each topic."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from fixgate.host.activity import Activity
from fixgate.host.facts.numbers import cpu_text
from fixgate.host.judging.place import place_of
from fixgate.host.judging.since import since
from fixgate.host.judging.topic import Group, Line, Topic
from fixgate.host.model import Snapshot
from fixgate.host.nic import Nic
from fixgate.host.window import Counts

__all__ = ["judge_network"]

_GROUP = Group.NETWORK
WAY = Topic("nic.way", _GROUP, "way to the target")
LINK = Topic("nic.link", _GROUP, "link", "up, full duplex")
DRIVER = Topic("nic.driver", _GROUP, "driver")
NODE = Topic("nic.node", _GROUP, "NUMA node", "that of our CPUs")
QUEUES = Topic("nic.queues", _GROUP, "queues")
RINGS = Topic("nic.rings", _GROUP, "rings", "no packet missed")
COALESCING = Topic("nic.coalescing", _GROUP, "coalescing", "an interrupt for every packet")
MERGING = Topic("nic.merging", _GROUP, "merging", "no LRO")
PAUSE = Topic("nic.pause", _GROUP, "pause frames")
DROPS = Topic("nic.drops", _GROUP, "drops and errors", "none", momentary=True)
STAMPS = Topic("nic.timestamps", _GROUP, "timestamps", "the NIC's own, both ways")
RETRANSMITS = Topic(
    "tcp.retransmits", _GROUP, "retransmissions", "below 1 in 10,000", momentary=True
)
RECEIVING = Topic("tcp.drops", _GROUP, "socket drops", "none", momentary=True)
IDLE_RESTART = Topic("tcp.idle_restart", _GROUP, "after a pause", "the window stays")
BUSY_POLL = Topic("tcp.busy_poll", _GROUP, "busy polling")
CONGESTION = Topic("tcp.congestion", _GROUP, "congestion control")
BASICS = Topic("tcp.basics", _GROUP, "TCP options", "SACK, timestamps, window scaling on")
BUFFERS = Topic("tcp.buffers", _GROUP, "buffers")

_TX_HARDWARE, _TX_SOFTWARE, _RX_HARDWARE, _RX_SOFTWARE = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_RARE, _OFTEN = 10_000, 100
_SILENT = "this network namespace does not say"


def judge_network(snapshot: Snapshot, activity: Activity | None) -> Iterator[Line]:
    """Yield a line for each topic of the network, some for each interface."""
    if not snapshot.nics:
        yield WAY.unknown("no target was named, or nothing leads to it")
    for nic in snapshot.nics:
        for line in _interface(snapshot, nic, activity):
            yield replace(line, subject=nic.name)
    yield _retransmits(snapshot, activity)
    yield _receiving(snapshot, activity)
    yield from _sysctls(snapshot)


def _interface(snapshot: Snapshot, nic: Nic, activity: Activity | None) -> Iterator[Line]:
    if nic.targets or nic.below:
        below = f", made of {', '.join(nic.below)}" if nic.below else ""
        leads = f"leads to {', '.join(nic.targets)}" if nic.targets else "leads there"
        yield WAY.noted(leads + below)
    if nic.name == "lo":
        # Nothing of it leaves the machine: there is no link, and no NIC.
        return
    yield _link(nic)
    yield _drops(nic, activity)
    if not nic.physical:
        return
    yield _driver(nic)
    yield _node(snapshot, nic)
    yield _queues(nic)
    yield _rings(nic)
    yield _coalescing(nic)
    yield _merging(nic)
    yield _pause(nic)
    yield _stamps(snapshot, nic)


def _link(nic: Nic) -> Line:
    parts = (
        f"{nic.speed_mbit} Mbit/s" if nic.speed_mbit else "",
        f"{nic.duplex} duplex" if nic.duplex else "",
        f"MTU {nic.mtu}" if nic.mtu else "",
        f"changed {nic.carrier_changes} times since the start" if nic.carrier_changes else "",
    )
    details = ", ".join(filter(None, parts))
    if nic.carrier is None:
        return LINK.unknown(f"/sys/class/net/{nic.name} cannot be read here")
    if not nic.carrier:
        return LINK.bad(
            ", ".join(filter(None, ("down", details))),
            "the cable, the transceiver, the switch's port",
        )
    if nic.duplex == "half":
        return LINK.bad(details, f"ethtool -s {nic.name} autoneg on, here and at the switch")
    return LINK.good(", ".join(filter(None, ("up", details))))


def _drops(nic: Nic, activity: Activity | None) -> Line:
    if not nic.counts:
        return DROPS.unknown(f"/sys/class/net/{nic.name}/statistics cannot be read here")
    lost = {name: count for name, count in nic.counts if count}
    found = ", ".join(f"{name} {count}" for name, count in lost.items()) or "none"
    found += " since the start"
    how = _against_drops(nic, lost.keys())
    if activity is not None and (now := _lost_meanwhile(nic, activity)):
        texts = ", ".join(f"{name} {count}" for name, count in now.items())
        found += f"; while we looked {texts}"
        return DROPS.better(found, how) if now.keys() == {"rx_dropped"} else DROPS.bad(found, how)
    if not lost:
        return DROPS.good(found)
    # So are packets counted of protocols that nobody here takes, such as LLDP.
    return DROPS.noted(found) if lost.keys() == {"rx_dropped"} else DROPS.better(found, how)


def _lost_meanwhile(nic: Nic, activity: Activity) -> dict[str, int]:
    for row in activity.window.interfaces:
        if row.name == nic.name:
            names = ("rx_dropped", "rx_errors", "tx_dropped", "tx_errors")
            return {name: count for name in names if (count := getattr(row, name))}
    return {}


def _against_drops(nic: Nic, names: Set[str]) -> str:
    if names & {"rx_crc_errors", "tx_carrier_errors"}:
        return "another cable or transceiver; the switch's own counts"
    settings = nic.settings
    if names & {"rx_missed_errors", "rx_fifo_errors"} and settings.rx_ring != settings.rx_ring_most:
        return f"ethtool -G {nic.name} rx {settings.rx_ring_most}"
    return f"ethtool -S {nic.name} says which and where"


def _driver(nic: Nic) -> Line:
    settings = nic.settings
    if settings.driver is None:
        return DRIVER.unknown("the driver does not say (ethtool -i)")
    firmware = f", firmware {settings.firmware}" if settings.firmware else ""
    return DRIVER.noted(f"{settings.driver} {settings.driver_version}{firmware}, at {settings.bus}")


def _node(snapshot: Snapshot, nic: Nic) -> Line:
    nodes, place = snapshot.processor.nodes, place_of(snapshot)
    if len(nodes) < 2:
        return NODE.good("there is one") if nodes else NODE.unknown("not known on this system")
    if nic.node is None or nic.node < 0 or place is None:
        return NODE.unknown("the device does not say which is its own")
    ours = {node.number for node in nodes if set(node.cpus) & set(place.ours)}
    here = next((node.cpus for node in nodes if node.number == nic.node), ())
    if ours == {nic.node}:
        return NODE.good(f"{nic.node}, as our CPUs")
    found = f"{nic.node}; ours: {', '.join(str(number) for number in sorted(ours))}"
    return NODE.better(found, f"taskset -c with CPUs of {cpu_text(here)}")


def _queues(nic: Nic) -> Line:
    settings = nic.settings
    if settings.channels is None:
        return QUEUES.unknown("the driver does not say (ethtool -l)")
    return QUEUES.noted(f"{settings.channels} of {settings.channels_most}")


def _rings(nic: Nic) -> Line:
    settings, missed = nic.settings, nic.count("rx_missed_errors") or nic.count("rx_fifo_errors")
    if settings.rx_ring is None:
        return RINGS.unknown("the driver does not say (ethtool -g)")
    found = (
        f"receive {settings.rx_ring} of {settings.rx_ring_most}, "
        f"send {settings.tx_ring} of {settings.tx_ring_most}"
    )
    if not missed:
        return RINGS.good(f"{found}; no packet missed")
    if settings.rx_ring < (settings.rx_ring_most or 0):
        how = f"ethtool -G {nic.name} rx {settings.rx_ring_most}"
        return RINGS.better(f"{found}; packets were missed", how)
    return RINGS.better(f"{found}; packets were missed", "more queues, or CPUs that are free")


def _coalescing(nic: Nic) -> Line:
    settings = nic.settings
    if settings.rx_usecs is None:
        return COALESCING.unknown("the driver does not say (ethtool -c)")
    waits = f"waits {settings.rx_usecs} us or for {settings.rx_frames} packets"
    if settings.adaptive_rx:
        how = f"ethtool -C {nic.name} adaptive-rx off rx-usecs 0 (more interrupts, more CPU)"
        return COALESCING.better("adaptive: it waits for more packets as it sees fit", how)
    if settings.rx_usecs == 0:
        return COALESCING.good("none on receiving")
    return COALESCING.better(waits, f"ethtool -C {nic.name} rx-usecs 0 (more interrupts, more CPU)")


def _merging(nic: Nic) -> Line:
    settings = nic.settings
    if settings.gro is None and settings.lro is None:
        return MERGING.unknown("the driver does not say (ethtool -k)")
    if settings.lro:
        return MERGING.better(
            "LRO on: the NIC holds segments back to merge them", f"ethtool -K {nic.name} lro off"
        )
    if settings.gro:
        return MERGING.noted("GRO on: segments that came together are merged, and share a stamp")
    return MERGING.good("none")


def _pause(nic: Nic) -> Line:
    settings = nic.settings
    if settings.rx_pause is None:
        return PAUSE.unknown("the driver does not say (ethtool -a)")
    if settings.rx_pause:
        return PAUSE.noted("obeyed: a switch that is full may stop what we send")
    return PAUSE.noted("not obeyed")


def _stamps(snapshot: Snapshot, nic: Nic) -> Line:
    flags = nic.settings.timestamping
    if flags is None:
        return STAMPS.unknown("the driver does not say (ethtool -T)")
    if flags & _TX_HARDWARE and flags & _RX_HARDWARE:
        clock = (
            f", by clock /dev/ptp{nic.settings.phc}" if nic.settings.phc not in (None, -1) else ""
        )
        return STAMPS.good(f"the NIC's own, both ways{clock}")
    both = _TX_SOFTWARE | _RX_SOFTWARE
    if flags & both == both:
        found = "the kernel's, both ways: what driver and interrupt take is in the wire's figure"
        if snapshot.machine.virtual:
            return STAMPS.noted(found)
        return STAMPS.better(found, "a NIC with hardware timestamps")
    how = "a driver or a NIC with timestamps; without, the figures are those of our own clock"
    return STAMPS.better("not both ways", how)


# TCP.


def _retransmits(snapshot: Snapshot, activity: Activity | None) -> Line:
    counts, sent = snapshot.counters.counts, snapshot.network.segments_sent
    if counts.retrans_segs is None or sent is None:
        return RETRANSMITS.unknown("/proc/net/snmp cannot be read here")
    grown = activity.window.grown.retrans_segs if activity else None
    timeouts = f", {counts.tcp_timeouts} timeouts" if counts.tcp_timeouts else ""
    found = f"{since(counts.retrans_segs, grown)}{timeouts}, of {sent} segments"
    how = "fixgate check and the latency of each session say whose line it is"
    if counts.retrans_segs * _OFTEN > sent:
        return RETRANSMITS.bad(found, how)
    if counts.retrans_segs * _RARE > sent or grown:
        return RETRANSMITS.better(found, how)
    return RETRANSMITS.good(found)


def _receiving(snapshot: Snapshot, activity: Activity | None) -> Line:
    lost = _lost(snapshot.counters.counts)
    if not lost:
        return RECEIVING.unknown("/proc/net/netstat cannot be read here")
    grown = _lost(activity.window.grown) if activity else {}
    texts = [
        f"{name} {since(count, grown.get(name) if activity else None)}"
        for name, count in lost.items()
        if count
    ]
    if not texts:
        return RECEIVING.good("none since the start")
    found = "; ".join(texts)
    how = "programs that read faster, or net.ipv4.tcp_rmem larger; ss -tm shows whose sockets"
    if grown.get("TCPBacklogDrop") or grown.get("TCPRcvQDrop"):
        return RECEIVING.bad(found, how)
    return RECEIVING.better(found, how)


def _lost(counts: Counts) -> dict[str, int]:
    named = {
        "TCPBacklogDrop": counts.tcp_backlog_drop,
        "TCPRcvQDrop": counts.tcp_rcvq_drop,
        "PruneCalled": counts.prune_called,
        "ListenDrops": counts.listen_drops,
    }
    return {name: count for name, count in named.items() if count is not None}


def _sysctls(snapshot: Snapshot) -> Iterator[Line]:
    network = snapshot.network
    if not network.sysctls:
        for topic in (IDLE_RESTART, BUSY_POLL, CONGESTION, BASICS, BUFFERS):
            yield topic.unknown("/proc/sys/net cannot be read here")
        return
    yield _idle_restart(network.sysctl("net.ipv4.tcp_slow_start_after_idle"))
    yield _busy_poll(network.sysctl("net.core.busy_read"), network.sysctl("net.core.busy_poll"))
    yield _congestion(snapshot)
    yield _basics(snapshot)
    yield _buffers(snapshot)


def _idle_restart(value: str | None) -> Line:
    if value is None:
        return IDLE_RESTART.unknown(_SILENT)
    if value == "0":
        return IDLE_RESTART.good("the congestion window stays")
    return IDLE_RESTART.better(
        "the congestion window starts small again: a burst after a pause waits a round trip",
        "sysctl -w net.ipv4.tcp_slow_start_after_idle=0",
    )


def _busy_poll(read: str | None, poll: str | None) -> Line:
    if read is None:
        return BUSY_POLL.unknown(_SILENT)
    if read == "0" and poll in ("0", None):
        return BUSY_POLL.noted("off; net.core.busy_read=50 takes an interrupt's time off, for CPU")
    return BUSY_POLL.noted(f"{read} us on reading, {poll or 0} us on waiting")


def _congestion(snapshot: Snapshot) -> Line:
    control = snapshot.network.sysctl("net.ipv4.tcp_congestion_control")
    qdisc = snapshot.network.sysctl("net.core.default_qdisc")
    if control is None:
        return CONGESTION.unknown(_SILENT)
    return CONGESTION.noted(f"{control}, queueing {qdisc}" if qdisc else control)


def _buffers(snapshot: Snapshot) -> Line:
    parts = []
    for way, name in (("receive", "rmem"), ("send", "wmem")):
        sizes = snapshot.network.sysctl(f"net.ipv4.tcp_{name}")
        # Not every network namespace shows what the whole machine allows.
        most = snapshot.network.sysctl(f"net.core.{name}_max")
        if sizes is not None:
            asked = f", asked for at most {most}" if most is not None else ""
            parts.append(f"{way} {sizes} bytes (least, default, most){asked}")
    return BUFFERS.noted("; ".join(parts)) if parts else BUFFERS.unknown(_SILENT)


def _basics(snapshot: Snapshot) -> Line:
    names = ("tcp_sack", "tcp_timestamps", "tcp_window_scaling")
    values = [(name, snapshot.network.sysctl(f"net.ipv4.{name}")) for name in names]
    off = [name for name, value in values if value == "0"]
    if all(value is None for _, value in values):
        return BASICS.unknown(_SILENT)
    if not off:
        return BASICS.good("SACK, timestamps, window scaling")
    settings = " ".join(f"net.ipv4.{name}=1" for name in off)
    return BASICS.better(f"off: {', '.join(off)}", f"sysctl -w {settings}")

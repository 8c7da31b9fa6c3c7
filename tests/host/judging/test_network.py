"""Advice about interfaces and TCP."""

from dataclasses import replace

from fixgate.host.facts.traffic import InterfaceDrops
from fixgate.host.judge import judge
from fixgate.host.model import Network
from tests.host.judging.helpers import (
    BAD,
    BEST,
    BETTER,
    GOOD,
    NOTED,
    QUIET,
    UNKNOWN,
    changed,
    grown,
    line,
    verdict,
    with_nic,
)


def counted(**counts: int):
    return changed(counters={"counts": replace(BEST.counters.counts, **counts)})


def with_sysctl(name: str, value: str):
    values = dict(BEST.network.sysctls) | {name: value}
    return replace(BEST, network=Network(tuple(values.items()), BEST.network.segments_sent))


def test_a_line_names_its_interface():
    assert line("nic.link").subject == "eth0"


def test_the_way_to_the_target():
    assert verdict("nic.way") == (NOTED, "leads to 10.20.1.15", "")
    assert verdict("nic.way", with_nic(below=("eth1", "eth2")))[1] == (
        "leads to 10.20.1.15, made of eth1, eth2"
    )
    assert verdict("nic.way", replace(BEST, nics=()))[0] is UNKNOWN


def test_of_loopback_there_is_nothing_more_to_say():
    lines = judge(with_nic(name="lo", physical=False))
    assert [each.key for each in lines if each.subject == "lo"] == ["nic.way"]


def test_of_an_interface_without_a_device_there_is_a_link():
    lines = judge(with_nic(name="bond0", physical=False))
    keys = [each.key for each in lines if each.subject == "bond0"]
    assert keys == ["nic.way", "nic.link", "nic.drops"]


def test_the_link():
    assert verdict("nic.link") == (GOOD, "up, 25000 Mbit/s, full duplex, MTU 1500", "")
    assert verdict("nic.link", with_nic(carrier=False))[0] is BAD
    assert verdict("nic.link", with_nic(duplex="half")) == (
        BAD,
        "25000 Mbit/s, half duplex, MTU 1500",
        "ethtool -s eth0 autoneg on, here and at the switch",
    )
    assert verdict("nic.link", with_nic(carrier=None))[0] is UNKNOWN


def test_what_was_lost():
    assert verdict("nic.drops") == (GOOD, "none since the start", "")
    missed = with_nic(counts=(("rx_dropped", 7), ("rx_missed_errors", 5)))
    assert verdict("nic.drops", missed) == (
        BETTER,
        "rx_dropped 7, rx_missed_errors 5 since the start",
        "ethtool -G eth0 rx 8160",
    )
    assert "cable" in verdict("nic.drops", with_nic(counts=(("rx_crc_errors", 1),)))[2]
    # Packets of protocols that nobody takes are counted there, too.
    assert verdict("nic.drops", with_nic(counts=(("rx_dropped", 7),)))[0] is NOTED
    assert verdict("nic.drops", with_nic(counts=()))[0] is UNKNOWN


def test_what_was_lost_while_we_looked():
    def seen(**counts: int):
        row = replace(InterfaceDrops("eth0", 0, 0, 0, 0), **counts)
        others = InterfaceDrops("eth1", 9, 9, 9, 9)
        return replace(QUIET, window=replace(QUIET.window, interfaces=(others, row)))

    assert verdict("nic.drops", BEST, seen())[:2] == (GOOD, "none since the start")
    assert verdict("nic.drops", BEST, seen(rx_dropped=2))[:2] == (
        BETTER, "none since the start; while we looked rx_dropped 2",
    )  # fmt: skip
    before = with_nic(counts=(("tx_errors", 7),))
    assert verdict("nic.drops", before, seen(tx_errors=1)) == (
        BAD,
        "tx_errors 7 since the start; while we looked tx_errors 1",
        "ethtool -S eth0 says which and where",
    )


def test_the_driver():
    assert verdict("nic.driver") == (NOTED, "ice 6.8.0, firmware 4.40, at 0000:3b:00.0", "")
    assert verdict("nic.driver", with_nic(said={"driver": None}))[0] is UNKNOWN


def test_the_node():
    assert verdict("nic.node") == (GOOD, "0, as our CPUs", "")
    assert verdict("nic.node", with_nic(node=1)) == (
        BETTER, "1; ours: 0", "taskset -c with CPUs of 4-7",
    )  # fmt: skip
    assert verdict("nic.node", with_nic(node=-1))[0] is UNKNOWN
    one = changed(processor={"nodes": BEST.processor.nodes[:1]})
    assert verdict("nic.node", one) == (GOOD, "there is one", "")


def test_rings():
    assert verdict("nic.rings")[0] is GOOD
    missed = with_nic(counts=(("rx_missed_errors", 5),))
    assert verdict("nic.rings", missed)[2] == "ethtool -G eth0 rx 8160"
    full = with_nic(counts=(("rx_missed_errors", 5),), said={"rx_ring": 8160})
    grade, _, how = verdict("nic.rings", full)
    assert grade is BETTER
    assert "ethtool" not in how, "it is as large as it can be"
    assert verdict("nic.rings", with_nic(said={"rx_ring": None}))[0] is UNKNOWN


def test_coalescing():
    assert verdict("nic.coalescing") == (GOOD, "none on receiving", "")
    assert verdict("nic.coalescing", with_nic(said={"rx_usecs": 50, "rx_frames": 0})) == (
        BETTER,
        "waits 50 us or for 0 packets",
        "ethtool -C eth0 rx-usecs 0 (more interrupts, more CPU)",
    )
    adaptive = with_nic(said={"adaptive_rx": True})
    assert "adaptive-rx off" in verdict("nic.coalescing", adaptive)[2]
    assert verdict("nic.coalescing", with_nic(said={"rx_usecs": None}))[0] is UNKNOWN


def test_merging():
    assert verdict("nic.merging") == (GOOD, "none", "")
    assert verdict("nic.merging", with_nic(said={"gro": True}))[0] is NOTED
    assert verdict("nic.merging", with_nic(said={"gro": True, "lro": True})) == (
        BETTER,
        "LRO on: the NIC holds segments back to merge them",
        "ethtool -K eth0 lro off",
    )


def test_pause_frames():
    assert verdict("nic.pause") == (NOTED, "not obeyed", "")
    assert "may stop" in verdict("nic.pause", with_nic(said={"rx_pause": True}))[1]
    assert verdict("nic.pause", with_nic(said={"rx_pause": None}))[0] is UNKNOWN


def test_timestamps():
    assert verdict("nic.timestamps") == (
        GOOD, "the NIC's own, both ways, by clock /dev/ptp0", "",
    )  # fmt: skip
    software = {"timestamping": 0x1A, "phc": -1}
    assert verdict("nic.timestamps", with_nic(said=software))[0] is BETTER
    guest = changed(with_nic(said=software), machine={"virtual": True})
    assert verdict("nic.timestamps", guest)[0] is NOTED
    assert verdict("nic.timestamps", with_nic(said={"timestamping": 0x08}))[1] == "not both ways"
    assert verdict("nic.timestamps", with_nic(said={"timestamping": None}))[0] is UNKNOWN


def test_retransmissions():
    assert verdict("tcp.retransmits") == (GOOD, "10 since the start, of 10000000 segments", "")
    assert verdict("tcp.retransmits", counted(retrans_segs=1_001))[0] is BETTER
    grade, found, _ = verdict("tcp.retransmits", counted(retrans_segs=100_001, tcp_timeouts=7))
    assert (grade, found) == (
        BAD, "100001 since the start, 7 timeouts, of 10000000 segments",
    )  # fmt: skip
    assert verdict("tcp.retransmits", BEST, QUIET)[0] is GOOD
    assert verdict("tcp.retransmits", BEST, grown(retrans_segs=2))[:2] == (
        BETTER, "10 since the start, 2 while we looked, of 10000000 segments",
    )  # fmt: skip
    assert verdict("tcp.retransmits", changed(network={"segments_sent": None}))[0] is UNKNOWN


def test_what_sockets_dropped():
    assert verdict("tcp.drops") == (GOOD, "none since the start", "")
    pruned = counted(prune_called=9)
    assert verdict("tcp.drops", pruned)[:2] == (BETTER, "PruneCalled 9 since the start")
    full = counted(tcp_backlog_drop=3)
    assert verdict("tcp.drops", full, QUIET)[:2] == (
        BETTER, "TCPBacklogDrop 3 since the start, none while we looked",
    )  # fmt: skip
    assert verdict("tcp.drops", full, grown(tcp_backlog_drop=1))[0] is BAD


def test_settings_of_the_stack():
    assert verdict("tcp.idle_restart")[0] is GOOD
    restarts = with_sysctl("net.ipv4.tcp_slow_start_after_idle", "1")
    assert verdict("tcp.idle_restart", restarts)[2] == (
        "sysctl -w net.ipv4.tcp_slow_start_after_idle=0"
    )
    assert verdict("tcp.busy_poll")[1].startswith("off")
    assert verdict("tcp.busy_poll", with_sysctl("net.core.busy_read", "50"))[1] == (
        "50 us on reading, 0 us on waiting"
    )
    assert verdict("tcp.congestion") == (NOTED, "cubic, queueing fq_codel", "")
    assert verdict("tcp.basics")[0] is GOOD
    assert verdict("tcp.basics", with_sysctl("net.ipv4.tcp_sack", "0")) == (
        BETTER, "off: tcp_sack", "sysctl -w net.ipv4.tcp_sack=1",
    )  # fmt: skip


def test_buffers():
    assert verdict("tcp.buffers")[:2] == (
        NOTED, "receive 4096 131072 6291456 bytes (least, default, most)",
    )  # fmt: skip
    most = with_sysctl("net.core.rmem_max", "212992")
    assert verdict("tcp.buffers", most)[1].endswith(", asked for at most 212992")


def test_a_namespace_that_shows_a_part():
    part = replace(BEST, network=Network((("net.core.busy_read", "0"),)))
    keys = ("tcp.idle_restart", "tcp.congestion", "tcp.basics", "tcp.buffers")
    assert {verdict(key, part)[0] for key in keys} == {UNKNOWN}
    assert "None" not in verdict("tcp.busy_poll", part)[1]


def test_a_namespace_without_settings():
    none = replace(BEST, network=Network())
    keys = ("tcp.idle_restart", "tcp.busy_poll", "tcp.congestion", "tcp.basics", "tcp.buffers")
    assert {verdict(key, none)[0] for key in keys} == {UNKNOWN}

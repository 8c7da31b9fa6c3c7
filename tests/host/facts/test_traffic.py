"""What the network stack counts, as Linux 3.10 to 6.18 write it."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.traffic import (
    InterfaceDrops,
    ProtocolCounts,
    SoftnetCpu,
    interface_drops,
    softnet,
)

SNMP = """\
Ip: Forwarding DefaultTTL InReceives
Ip: 1 64 18247939
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 714216 3083 0 90265 0
"""
NETSTAT = """\
TcpExt: SyncookiesSent PruneCalled ListenDrops TCPLostRetransmit TCPTimeouts TCPBacklogDrop TCPRcvQDrop
TcpExt: 0 1123 124 7 4 2 1
IpExt: InNoRoutes InTruncatedPkts
IpExt: 0 0
"""  # noqa: E501 - as it is
OLD_SOFTNET = """\
0000272d 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000
000034d9 0000000a 0000000f 00000000 00000000 00000000 00000000 00000000 00000000 00000000
"""
# CPU 1 is offline.
NEW_SOFTNET = """\
00841b84 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
00925375 00000039 00000002 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000002 00000000 00000000
"""  # noqa: E501 - as it is
DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1000     10    0   57    0     0          0         0  1000     10    0    0    0     0       0          0
  eth0: 123456789012 55555 3 4 0 0 0 9 2222 333 5 6 0 0 0 0
eth1:0: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
"""  # noqa: E501 - as it is


def test_counts_of_protocols():
    counts = ProtocolCounts(SNMP, NETSTAT)
    assert counts.get("Tcp", "RetransSegs") == 3083
    assert counts.get("Tcp", "MaxConn") == -1
    assert counts.get("TcpExt", "TCPRcvQDrop") == 1
    assert counts.get("IpExt", "InNoRoutes") == 0


def test_counts_that_are_not_there():
    counts = ProtocolCounts(SNMP, None)
    assert counts.get("TcpExt", "TCPTimeouts") is None
    assert counts.get("Tcp", "NoSuch") is None


def test_names_without_values_are_nothing():
    assert ProtocolCounts("Tcp: A B\nUdp: A\nTcp: 1 2\n").get("Tcp", "A") is None


def test_values_that_are_too_few_leave_the_rest_unknown():
    counts = ProtocolCounts("Tcp: A B\nTcp: 1\n")
    assert (counts.get("Tcp", "A"), counts.get("Tcp", "B")) == (1, None)


def test_packets_by_line_before_the_kernel_named_the_cpu():
    assert softnet(OLD_SOFTNET) == (SoftnetCpu(0, 0x272D, 0, 1), SoftnetCpu(1, 0x34D9, 10, 15))


def test_packets_by_the_cpu_that_the_kernel_names():
    assert softnet(NEW_SOFTNET) == (SoftnetCpu(0, 0x841B84, 0, 1), SoftnetCpu(2, 0x925375, 57, 2))


def test_what_interfaces_lost():
    assert interface_drops(DEV) == (
        InterfaceDrops("lo", 57, 0, 0, 0),
        InterfaceDrops("eth0", 4, 3, 6, 5),
        InterfaceDrops("eth1:0", 1, 1, 1, 1),
    )


@given(st.text())
def test_no_text_raises(text: str):
    assert all(row.processed >= 0 for row in softnet(text))
    assert all(row.rx_dropped >= 0 for row in interface_drops(text))
    assert ProtocolCounts(text, text).get("Tcp", "RetransSegs") is None


@given(st.lists(st.sampled_from(["Tcp:", "A", "-", "-3", "12", "\n", "deadbeef", ":"])))
def test_no_garbled_table_raises(parts: list[str]):
    text = " ".join(parts)
    found = ProtocolCounts(text).get("Tcp", "A")
    assert found is None or str(found) in text
    assert len(softnet(text)) <= len(text.splitlines())

from __future__ import annotations

import gzip
import io
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixgate.errors import RecordingError
from fixgate.latency.from_capture import record_captures
from fixgate.triage.model import Exchange, Mark, StampSource
from tests.fixtext import fix
from tests.net.capture.craft import (
    ACK,
    SYN,
    Line,
    ethernet,
    interface,
    ip_packet,
    pcap,
    pcapng,
    section,
    simple_block,
)

C, V = "49=TRADER|56=EXCH", "49=EXCH|56=TRADER"


def client(body: str) -> bytes:
    kind, _, rest = body.partition("|")
    return fix(f"{kind}|{C}|{rest}")


def venue(body: str) -> bytes:
    kind, _, rest = body.partition("|")
    return fix(f"{kind}|{V}|{rest}")


LOGON = "35=A|34=1|98=0|108=30"


def record(tmp_path, line: Line, **settings):
    path = tmp_path / "some.pcap"
    path.write_bytes(pcap(line.packets))
    return record_captures([path], **settings)


def told(recording) -> list[tuple[str | int, ...]]:
    """Each sample's kind, name, microseconds and marks."""
    return [
        (each.kind.name, each.name, each.wire_ns // 1000, *sorted(m.name for m in each.marks))
        for each in recording.samples
    ]


def logged_on() -> Line:
    line = Line()
    line.open()
    line.say(200, 0, client(LOGON))
    line.say(450, 1, venue(LOGON))
    return line


LOGGED_ON = [("TCP", "10.0.0.1:40000", 100), ("LOGON", "Logon", 250)]


def test_a_session_from_its_handshake_to_its_end(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=t"))
    line.say(1300, 1, venue("35=0|34=2|112=t"))
    line.say(2000, 0, client("35=D|34=3|11=a|40=1"))
    line.say(2400, 1, venue("35=8|34=3|11=a|150=0|39=0|60=20260101-00:00:00.123"))
    line.say(2600, 1, venue("35=8|34=4|11=a|150=F|39=2"))
    line.say(3000, 0, client("35=F|34=4|11=c|41=a"))
    line.say(3700, 1, venue("35=9|34=5|11=c|41=a|39=2|434=1"))
    line.close(4000)
    recording = record(tmp_path, line)
    assert told(recording) == [
        *LOGGED_ON,
        ("HEARTBEAT", "t", 300),
        ("ACKNOWLEDGEMENT", "a", 400),
        ("FILL", "a", 600),
        ("CANCEL", "c", 700),
    ]
    assert recording.source is StampSource.CAPTURE
    assert recording.precision_ns == 1
    assert (recording.began_ns, recording.ended_ns) == (line.at(200), line.at(3700))
    assert recording.unmeasured == ()
    (session,) = recording.sessions
    assert (session.name, session.client, session.venue) == (
        "FIX.4.4:TRADER->EXCH", "TRADER", "EXCH",
    )  # fmt: skip
    assert session.places == ("10.0.0.1:40000 - 10.0.0.2:9876",)
    assert (session.connections, session.messages, session.samples) == (1, 9, 6)
    assert {each.session for each in recording.samples} == {session.name}
    acknowledgement = recording.samples[3]
    assert acknowledgement.sent_ns == acknowledgement.app_sent_ns == line.at(2000)
    assert acknowledgement.venue is not None
    assert recording.remarks == (TAP,)


TAP = (
    "from the tap to the client and back it takes 10.0 us (SYN/ACK to ACK, the median): the"
    " samples hold what lies between the tap and the venue, not this"
)


def test_when_the_venues_kernel_acknowledged_a_request(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=D|34=2|11=a"))
    line.raw(1080, 1, ACK)
    line.say(1900, 1, venue("35=8|34=2|11=a|150=0"))
    line.say(2000, 0, client("35=D|34=3|11=b"))
    line.say(2300, 1, venue("35=8|34=3|11=b|150=0"))
    *_, early, late = record(tmp_path, line).samples
    assert (early.acked_ns, early.received_ns) == (line.at(1080), line.at(1900))
    assert (late.acked_ns, late.received_ns) == (line.at(2300), line.at(2300))


def test_a_fill_of_an_order_that_may_have_rested_is_told(tmp_path):
    line = logged_on()
    for number, kind in enumerate(("40=2", "40=2|59=3")):
        line.say(1000, 0, client(f"35=D|34={number + 2}|11=o{number}|{kind}"))
        line.say(2000, 1, venue(f"35=8|34={number + 2}|11=o{number}|150=F|39=2"))
    assert record(tmp_path, line).remarks[-1] == (
        "FIX.4.4:TRADER->EXCH: 1 of 2 first fills are of orders that may have waited in the book,"
        " and the venue does not say: their time is the market's, too"
    )


def test_replies_that_end_in_one_packet_are_marked(tmp_path):
    line = logged_on()
    for number in (2, 3, 4):
        line.say(1000 + number, 0, client(f"35=1|34={number}|112={number}"))
    line.say(1200, 1, venue("35=0|34=2|112=2") + venue("35=0|34=3|112=3")[:20])
    line.say(1300, 1, venue("35=0|34=3|112=3")[20:] + venue("35=0|34=4|112=4"))
    assert told(record(tmp_path, line)) == [
        *LOGGED_ON,
        ("HEARTBEAT", "2", 198),
        ("HEARTBEAT", "3", 297, "COALESCED"),
        ("HEARTBEAT", "4", 296, "COALESCED"),
    ]


def test_what_was_sent_again_between_request_and_reply_is_marked(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=a"))
    size = len(client("35=1|34=2|112=a"))
    line.raw(201_000, 0, 24, client("35=1|34=2|112=a"), seq=line.seqs[0] - size)
    line.say(201_300, 1, venue("35=0|34=2|112=a"))
    line.say(300_000, 0, client("35=1|34=3|112=b"))
    line.say(300_300, 1, venue("35=0|34=3|112=b"))
    assert told(record(tmp_path, line)) == [
        *LOGGED_ON,
        ("HEARTBEAT", "a", 200_300, "RETRANSMITTED"),
        ("HEARTBEAT", "b", 300),
    ]


def test_a_syn_that_was_sent_again_is_marked(tmp_path):
    line = Line()
    line.raw(0, 0, SYN)
    line.open(1_000_000)
    line.say(1_000_200, 0, client(LOGON))
    assert told(record(tmp_path, line)) == [("TCP", "10.0.0.1:40000", 1_000_100, "RETRANSMITTED")]


def test_a_request_that_the_capture_missed_makes_no_sample_and_is_told(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=a"), keep=False)
    line.say(1300, 1, venue("35=0|34=2|112=a"))
    line.say(2000, 0, client("35=1|34=3|112=b"))
    line.say(2300, 1, venue("35=0|34=3|112=b"))
    recording = record(tmp_path, line)
    assert told(recording) == [*LOGGED_ON, ("HEARTBEAT", "b", 300)]
    size = len(client("35=1|34=2|112=a"))
    assert recording.remarks[0] == (
        f"10.0.0.1:40000 -> 10.0.0.2:9876: from 10.0.0.1:40000: {size} bytes in 1 place are not in"
        " the capture; the messages in them were not used"
    )


def test_packets_of_which_the_capture_kept_only_the_beginning(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=a"))
    line.say(1300, 1, venue("35=0|34=2|112=a"))
    path = tmp_path / "some.pcap"
    whole = {place: len(data) for place, (_, data) in enumerate(line.packets)}
    path.write_bytes(pcap([(at, data[:96]) for at, data in line.packets], lengths=whole))
    recording = record_captures([path])
    assert recording.samples == ()
    assert recording.remarks[0] == (
        "1 TCP connection without FIX that can be read; of their packets, 4 packets cut by the"
        " capture's snapshot length"
    )
    long = "x" * 100
    line.say(2000, 0, client(f"35=1|34=3|112={long}"))
    line.say(2300, 1, venue("35=0|34=3|112=b"))
    whole = {place: len(data) for place, (_, data) in enumerate(line.packets)}
    path.write_bytes(pcap([(at, data[:150]) for at, data in line.packets], lengths=whole))
    recording = record_captures([path])
    assert told(recording) == [*LOGGED_ON, ("HEARTBEAT", "a", 300)]
    assert recording.remarks[0].endswith(
        "bytes in 1 place are not in the capture (1 packet cut by the capture's snapshot"
        " length); the messages in them were not used"
    )


def test_requests_without_a_reply_are_told_with_the_reason(tmp_path):
    line = logged_on()
    for number in range(2, 9):
        line.say(1000, 0, client(f"35=1|34={number}|112=t{number}"))
    line.say(1100, 0, client("35=D|34=9|11=o"))
    line.say(1200, 1, venue("35=3|34=2|45=9|372=D|373=1"))
    line.close(2000)
    order, heartbeats = record(tmp_path, line).unmeasured
    assert (heartbeats.kind, heartbeats.why) == (
        Exchange.HEARTBEAT,
        "the connection ended before a reply came",
    )
    assert heartbeats.count == 7
    assert heartbeats.names == ("t2", "t3", "t4", "t5", "t6")
    assert heartbeats.session == "FIX.4.4:TRADER->EXCH"
    assert (order.kind, order.count, order.names) == (Exchange.ACKNOWLEDGEMENT, 1, ("o",))
    assert order.why == "the session layer rejected it"


def test_a_request_that_nobody_answers_in_time(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=t"))
    line.say(5_001_000, 0, client("35=0|34=3"))
    (lost,) = record(tmp_path, line).unmeasured
    assert (lost.kind, lost.why, lost.names) == (Exchange.HEARTBEAT, "no reply came", ("t",))


def test_a_request_that_is_open_at_the_end_may_yet_be_answered(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=t"))
    line.say(5_000_999, 0, client("35=0|34=3"))
    (lost,) = record(tmp_path, line).unmeasured
    assert (lost.why, lost.count) == ("the recording ended before a reply came", 1)


def test_a_reply_that_the_capture_missed_is_not_called_missing(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=t"))
    line.say(1300, 1, venue("35=0|34=2|112=t"), keep=False)
    line.say(2000, 1, venue("35=0|34=3"))
    line.say(2100, 0, client("35=1|34=3|112=u"))
    line.close(9_000_000)
    recording = record(tmp_path, line)
    assert [(each.names, each.why) for each in recording.unmeasured] == [
        (("t",), "no reply was recorded, and the capture has a hole where it may have been"),
        (("u",), "the connection ended before a reply came"),
    ]


def test_connections_of_one_session_are_put_together(tmp_path):
    first, second = logged_on(), Line(("10.0.0.1", 40001), at_ns=1_700_000_001_000_000_000)
    second.open()
    second.say(200, 0, client("35=A|34=3|98=0|108=30"))
    second.say(500, 1, venue("35=A|34=3|98=0|108=30"))
    first.say(900, 0, client("35=D|34=2|11=o"))
    first.close(1000)
    second.say(600, 1, venue("35=8|34=2|11=o|150=0"))
    first.packets += second.packets
    recording = record(tmp_path, first)
    assert told(recording) == [
        *LOGGED_ON, ("TCP", "10.0.0.1:40001", 100), ("LOGON", "Logon", 300)
    ]  # fmt: skip
    (session,) = recording.sessions
    assert session.connections == 2
    assert session.places == ("10.0.0.1:40000 - 10.0.0.2:9876", "10.0.0.1:40001 - 10.0.0.2:9876")
    assert recording.unmeasured[0].names == ("o",)


def test_the_client_is_who_sends_orders_even_where_the_venue_connects(tmp_path):
    line = Line()
    line.open()
    line.say(200, 0, venue(LOGON))
    line.say(300, 1, client(LOGON))
    line.say(400, 1, client("35=D|34=2|11=o"))
    line.say(900, 0, venue("35=8|34=2|11=o|150=0"))
    recording = record(tmp_path, line)
    assert told(recording) == [("ACKNOWLEDGEMENT", "o", 500)]
    assert recording.sessions[0].client == "TRADER"


def in_the_middle() -> Line:
    line = Line()
    line.say(0, 1, venue("35=1|34=7|112=v"))
    line.say(50, 0, client("35=0|34=7|112=v"))
    line.say(100, 0, client("35=1|34=8|112=t"))
    line.say(400, 1, venue("35=0|34=8|112=t"))
    return line


def test_where_nothing_tells_the_client_nothing_is_guessed(tmp_path):
    recording = record(tmp_path, in_the_middle())
    assert recording.samples == ()
    assert recording.sessions[0].client == ""
    assert recording.remarks == (
        "FIX.4.4:EXCH<->TRADER: nothing tells which side is the client, so that 4 messages were not"
        " used; name it: --client",
    )


def test_another_connection_of_the_session_tells_the_client(tmp_path):
    first, second = in_the_middle(), Line(("10.0.0.1", 40001), at_ns=1_700_000_001_000_000_000)
    second.open()
    second.say(200, 0, client(LOGON))
    second.say(450, 1, venue(LOGON))
    first.packets += second.packets
    recording = record(tmp_path, first)
    assert told(recording) == [
        ("HEARTBEAT", "t", 300), ("TCP", "10.0.0.1:40001", 100), ("LOGON", "Logon", 250)
    ]  # fmt: skip
    (session,) = recording.sessions
    assert (session.connections, session.messages) == (2, 6)


def test_the_client_may_be_named(tmp_path):
    recording = record(tmp_path, in_the_middle(), client="TRADER")
    assert told(recording) == [("HEARTBEAT", "t", 300)]
    recording = record(tmp_path, in_the_middle(), client="EXCH")
    assert told(recording) == [("HEARTBEAT", "v", 50)]


def test_a_client_that_is_in_no_session_is_told(tmp_path):
    recording = record(tmp_path, logged_on(), client="TRADRE")
    assert told(recording) == LOGGED_ON
    assert "no session has 'TRADRE' for a side, named as the client" in recording.remarks


def test_tls_and_others_are_told(tmp_path):
    tls = Line()
    tls.open()
    tls.say(200, 0, b"\x16\x03\x01\x02\0\x01")
    other = Line(("10.0.0.1", 50000))
    other.open()
    other.say(200, 0, b"GET / HTTP/1.1\r\n\r\n")
    tls.packets += other.packets
    recording = record(tmp_path, tls)
    assert recording.samples == ()
    assert recording.sessions == ()
    assert recording.remarks == (
        "1 connection with TLS, such as 10.0.0.1:40000 -> 10.0.0.2:9876: only the times of the two"
        " sides' records can be told, not whose reply is whose",
        "1 TCP connection without FIX that can be read",
    )


def test_damage_is_told_and_what_is_before_it_counts(tmp_path):
    line = logged_on()
    path = tmp_path / "some.pcap"
    data = pcap(line.packets)
    path.write_bytes(data[:-5])
    recording = record_captures([path])
    assert told(recording) == LOGGED_ON[:1]
    offset = len(data) - len(line.packets[-1][1]) - 16
    assert recording.remarks[0].startswith(f"{path}: byte {offset}: the file ends in a packet: ")
    assert recording.remarks[0].endswith(" bytes; what can be read counts")


def test_a_clock_that_was_set_is_told_and_marked(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=a"))
    line.say(-900_000, 1, venue("35=0|34=2|112=a"))
    recording = record(tmp_path, line)
    assert [each.marks for each in recording.samples if each.name == "a"] == [
        frozenset({Mark.CLOCK_STEPPED})
    ]
    assert "the clock went back 1 time" in recording.remarks


def test_a_clock_that_was_set_during_the_handshake(tmp_path):
    line = logged_on()
    line.packets = [line.packets[0], *((at - 10**10, data) for at, data in line.packets[1:])]
    recording = record(tmp_path, line)
    (connect,) = [each for each in recording.samples if each.kind is Exchange.TCP]
    assert connect.marks == {Mark.CLOCK_STEPPED}
    assert recording.remarks == ("the clock went back 1 time",)


def test_packets_that_were_captured_twice_are_told(tmp_path):
    line = logged_on()
    line.packets = [(at + extra, data) for at, data in line.packets for extra in (0, 5_000)]
    recording = record(tmp_path, line)
    assert told(recording) == LOGGED_ON
    told_of = "2 packets captured twice; the first of each counts, be they of one place or of two"
    assert told_of in recording.remarks


def test_packets_without_a_time_make_no_sample(tmp_path):
    path = tmp_path / "some.pcapng"
    blocks = [simple_block("<", data) for _, data in logged_on().packets]
    path.write_bytes(section() + interface() + b"".join(blocks))
    recording = record_captures([path])
    assert recording.samples == ()
    assert recording.began_ns is None
    assert recording.unmeasured[0].why == "the recording has no time of the request or of the reply"
    assert "5 packets without a time in the capture" in recording.remarks


def test_a_reply_without_a_time_makes_no_sample(tmp_path):
    line = logged_on()
    path = tmp_path / "some.pcapng"
    *timed, (_, reply) = line.packets
    path.write_bytes(pcapng(timed) + simple_block("<", reply))
    recording = record_captures([path])
    assert told(recording) == LOGGED_ON[:1]
    (lost,) = recording.unmeasured
    assert lost.why == "the recording has no time of the request or of the reply"


def test_one_file_for_each_direction_and_pieces_of_a_capture(tmp_path):
    line = logged_on()
    line.say(1000, 0, client("35=1|34=2|112=a"))
    line.say(1300, 1, venue("35=0|34=2|112=a"))
    expected = told(record(tmp_path, line))
    directions = [p for p in line.packets if p[1][26:30] == b"\x0a\0\0\x01"]
    rest = [p for p in line.packets if p not in directions]
    for parts in ((directions, rest), (line.packets[:4], line.packets[4:])):
        paths = [tmp_path / "b.pcap", tmp_path / "a.pcapng"]
        paths[0].write_bytes(pcap(parts[1]))
        paths[1].write_bytes(pcapng(parts[0]))
        recording = record_captures(paths)
        assert told(recording) == expected


def test_captures_of_two_places_are_refused(tmp_path):
    line = logged_on()
    paths = [tmp_path / "client.pcap", tmp_path / "venue.pcap"]
    paths[0].write_bytes(pcap(line.packets))
    paths[1].write_bytes(pcap([(at + 70_000, data) for at, data in line.packets]))
    with pytest.raises(RecordingError) as error:
        record_captures(paths)
    assert str(error.value) == (
        f"{paths[1]}: has packets that {paths[0]} has, too: the files are of two places, or one is"
        " a copy of the other; expected those of one place"
    )


def test_both_sides_of_a_proxy_are_told(tmp_path):
    line, behind = logged_on(), Line(("10.0.0.9", 7), at_ns=1_700_000_000_000_000_000 + 50_000)
    behind.open()
    behind.say(200, 0, client(LOGON))
    behind.say(300, 1, venue(LOGON))
    line.packets += behind.packets
    line.packets.sort(key=lambda packet: packet[0])
    assert record(tmp_path, line).remarks[-1] == (
        "FIX.4.4:TRADER->EXCH: several connections at the same time; if the capture has both sides"
        " of a proxy or of a translation of addresses, each request counts twice"
    )


def test_reading_may_be_stopped(tmp_path):
    line = logged_on()
    path = tmp_path / "some.pcap"
    path.write_bytes(pcap(line.packets))
    answers = iter([False] * 4 + [True])
    recording = record_captures([path], stop=lambda: next(answers))
    assert told(recording) == LOGGED_ON[:1]
    assert recording.remarks[0] == "reading was stopped; what had come until then counts"


def test_the_coarsest_clock_is_the_precision(tmp_path):
    path = tmp_path / "some.pcap"
    path.write_bytes(pcap(logged_on().packets, nano=False))
    assert record_captures([path]).precision_ns == 1000


def test_what_was_no_message_and_no_tcp_is_told(tmp_path):
    line = logged_on()
    line.say(1000, 1, venue("35=0|34=2|112=t").replace(b"112=t", b"112=x"))
    line.say(1100, 1, venue("35=0|34=3"))
    fragment = ip_packet("10.0.0.1", "10.0.0.2", bytes(40), fragment=0x2000)
    line.packets += [(line.at(2000), ethernet(fragment))] * 2
    remarks = record(tmp_path, line).remarks
    assert remarks[:2] == (
        "10.0.0.1:40000 -> 10.0.0.2:9876: from 10.0.0.2:9876: 1 garbled message not used",
        "2 packets not used: IP fragments",
    )


def test_an_empty_capture_says_so(tmp_path):
    path = tmp_path / "some.pcap"
    path.write_bytes(pcap([]))
    recording = record_captures([path])
    assert recording.remarks == ("there are no packets in the capture",)
    assert (recording.samples, recording.began_ns) == ((), None)


def test_what_is_no_capture_or_not_there(tmp_path):
    path = tmp_path / "some.log"
    path.write_bytes(b"8=FIX.4.4")
    with pytest.raises(RecordingError, match="begins with 38 3d 46 49, expected a packet capture"):
        record_captures([path])
    with pytest.raises(RecordingError, match="missing: cannot be read: No such file"):
        record_captures([tmp_path / "missing"])
    with pytest.raises(RecordingError, match="cannot be read: Is a directory"):
        record_captures([tmp_path])


def test_standard_input(tmp_path, monkeypatch):
    class Standard:
        buffer = io.BytesIO(gzip.compress(pcap(logged_on().packets)))

    monkeypatch.setattr("sys.stdin", Standard())
    assert told(record_captures(["-"])) == LOGGED_ON


@st.composite
def captures(draw):
    """A session on a line, and the same as networks and cards may have cut, moved and repeated it.

    Returns the first, the second, and for each reply the instant of the packet with its last byte.
    """
    bodies = [(0, client(LOGON)), (1, venue(LOGON))]
    for number in range(draw(st.integers(1, 5))):
        bodies.append((0, client(f"35=1|34={number + 2}|112=t{number}")))
        bodies.append((1, venue(f"35=0|34={number + 2}|112=t{number}")))
    line = Line()
    line.open()
    us, ends = 1000, []
    for side, body in bodies:
        edges = sorted({0, len(body), *draw(st.lists(st.integers(0, len(body)), max_size=3))})
        burst = []
        for start, end in pairwise(edges):
            seq = line.seqs[side] + start
            burst.append((seq, body[start:end]))
        burst = draw(st.permutations(burst))
        again = draw(st.lists(st.sampled_from(burst), max_size=2))
        for place, (seq, part) in enumerate([*burst, *again]):
            us += 10
            line.raw(us, side, ACK, part, seq=seq)
            if place == len(burst) - 1:
                ends.append(us)
        line.seqs[side] += len(body)
        us += 100
    return line, ends


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(captures(), st.sampled_from([pcap, pcapng]))
def test_however_it_was_cut_moved_and_repeated_the_samples_are_the_same(tmp_path, capture, write):
    line, ends = capture
    path = tmp_path / "some"
    path.write_bytes(write(line.packets))
    recording = record_captures([path])
    rtts = [reply - request for request, reply in zip(ends[::2], ends[1::2], strict=True)]
    assert [each[:3] for each in told(recording)] == [
        ("TCP", "10.0.0.1:40000", 100),
        ("LOGON", "Logon", rtts[0]),
        *(("HEARTBEAT", f"t{number}", rtt) for number, rtt in enumerate(rtts[1:])),
    ]
    assert recording.unmeasured == ()

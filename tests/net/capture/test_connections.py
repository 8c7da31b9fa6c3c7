from __future__ import annotations

import pytest

from fixgate.net.capture.connection import Connection
from fixgate.net.capture.connections import Connections, Ended, Event, Missed, Spoken
from fixgate.net.capture.messages import Speech
from fixgate.net.capture.packet import Packet
from tests.fixtext import fix
from tests.net.capture.craft import ACK, FIN, PSH, RST, SYN, Line

HELLO = fix("35=A|34=1|49=A|56=B|98=0|108=30")
REPLY = fix("35=A|34=1|49=B|56=A|98=0|108=30")
BEAT = fix("35=0|34=2|49=B|56=A")


class Tap:
    """Feeds packets; tells messages as ``side us body``, and the end of connections."""

    def __init__(self, **settings) -> None:
        self.connections = Connections(**settings)
        self.known: list[Connection] = []
        self.spoken: list[Spoken] = []

    def play(self, *lines: Line) -> list[str]:
        packets = sorted((p for line in lines for p in line.packets), key=lambda p: p[0])
        origin = lines[0].at_ns
        found = []
        for stamp, data in packets:
            packet = Packet(stamp, 1, data, len(data), 0, 1)
            found += [self.told(each, origin) for each in self.connections.take(packet)]
        return found

    def finish(self) -> list[str]:
        return [self.told(each, 0) for each in self.connections.finish()]

    def told(self, event: Event, origin: int) -> str:
        if event.connection not in self.known:
            self.known.append(event.connection)
        name = f"#{self.known.index(event.connection)}"
        if isinstance(event, Ended):
            return f"{name} {'ended' if event.closed else 'left'}"
        if isinstance(event, Missed):
            return f"{name} {event.side} missed {(event.at_ns - origin) // 1000}"
        self.spoken.append(event)
        at_us = (event.seen.at_ns - origin) // 1000
        kind = event.seen.message.msg_type.decode()
        return f"{name} {event.side} {kind} {at_us}"


def opened(**settings) -> Line:
    line = Line(**settings)
    line.open()
    line.say(200, 0, HELLO)
    line.say(300, 1, REPLY)
    return line


SAID = ["#0 0 A 200", "#0 1 A 300"]


def test_from_the_handshake_to_the_end():
    line = opened()
    line.close(400)
    tap = Tap()
    assert tap.play(line) == [*SAID, "#0 ended"]
    assert tap.finish() == []
    (connection,) = tap.known
    assert str(connection) == "10.0.0.1:40000 -> 10.0.0.2:9876"
    assert connection.opened
    hands = connection.handshake
    assert (hands.syn_ns, hands.syn_ack_ns, hands.ack_ns) == (
        line.at(0),
        line.at(100),
        line.at(110),
    )
    assert not hands.resent
    assert connection.speech is Speech.FIX


def test_what_is_garbled_where_nothing_is_missing():
    line = Line()
    line.open()
    line.say(200, 0, b"hello" + HELLO)
    middle = Line(("10.0.0.1", 40001))
    middle.say(300, 0, b"hello" + HELLO)
    tap = Tap()
    assert tap.play(line, middle) == ["#0 0 A 200", "#1 0 A 300"]
    assert [each.sides[0].messages.garbled for each in tap.known] == [1, 0]


def test_a_capture_that_starts_in_the_middle():
    line = Line()
    line.raw(0, 1, ACK)
    line.say(100, 1, HELLO[10:] + BEAT)
    line.say(200, 0, HELLO)
    tap = Tap()
    assert tap.play(line) == ["#0 0 0 100", "#0 1 A 200"]
    (connection,) = tap.known
    assert str(connection) == "10.0.0.2:9876 - 10.0.0.1:40000"
    assert not connection.opened
    assert tap.finish() == ["#0 left"]


def test_a_capture_that_starts_with_the_answer_to_a_syn():
    line = Line()
    line.raw(0, 1, SYN | ACK)
    line.seqs[1] += 1
    line.say(100, 0, HELLO)
    tap = Tap()
    assert tap.play(line) == ["#0 0 A 100"]
    assert str(tap.known[0]) == "10.0.0.1:40000 -> 10.0.0.2:9876"
    assert tap.known[0].handshake.syn_ns is None


def test_a_reset_ends_it_and_what_comes_after_is_nothing():
    line = opened()
    line.raw(400, 1, RST | ACK)
    line.say(500, 0, BEAT)
    tap = Tap()
    assert tap.play(line) == [*SAID, "#0 ended"]
    assert tap.finish() == []


def test_a_reset_out_of_nowhere_ends_nothing():
    line = opened()
    line.raw(400, 1, RST, seq=3_000_000_000)
    line.say(500, 1, BEAT)
    assert Tap().play(line) == [*SAID, "#0 1 0 500"]


def test_an_end_waits_for_what_is_missing():
    line = opened()
    missing = line.seqs[1]
    line.say(400, 1, BEAT, keep=False)
    line.say(410, 1, BEAT)
    for side in (0, 1):
        line.raw(420, side, FIN | ACK, ack=missing if side == 0 else None)
        line.seqs[side] += 1
    tap = Tap()
    assert tap.play(line) == SAID
    late = Line()
    late.seqs = [0, missing]
    late.raw(430, 1, PSH | ACK, BEAT, ident=99)
    assert tap.play(late) == ["#0 1 0 430", "#0 1 0 410", "#0 ended"]


def test_ports_are_used_again():
    first, second = opened(), opened(seqs=(77, 88), at_ns=1_700_000_000_001_000_000, ident=500)
    tap = Tap()
    assert tap.play(first, second) == [
        *SAID, "#0 ended", "#1 0 A 1200", "#1 1 A 1300",
    ]  # fmt: skip
    assert tap.finish() == ["#1 left"]


def test_ports_are_used_again_after_an_end():
    first, second = opened(), opened(at_ns=1_700_000_000_001_000_000, ident=500)
    first.close(400)
    assert Tap().play(first, second) == [*SAID, "#0 ended", "#1 0 A 1200", "#1 1 A 1300"]


def test_a_connection_that_the_other_side_has_known_before_without_its_syn():
    line = Line()
    line.say(0, 1, BEAT)
    other = Line(seqs=(1, 2), at_ns=line.at(100), ident=50)
    other.raw(0, 1, SYN | ACK)
    tap = Tap()
    assert tap.play(line, other) == ["#0 0 0 0", "#0 ended"]


def test_a_syn_that_is_sent_again():
    line = Line()
    line.raw(0, 0, SYN)
    line.raw(1_000_000, 0, SYN)
    line.seqs[0] += 1
    line.raw(1_000_100, 1, SYN | ACK)
    line.seqs[1] += 1
    line.say(1_000_200, 0, HELLO)
    tap = Tap()
    assert tap.play(line) == ["#0 0 A 1000200"]
    hands = tap.known[0].handshake
    assert hands.resent
    assert (hands.syn_ns, hands.syn_ack_ns) == (line.at(0), line.at(1_000_100))


def test_data_with_a_syn():
    line = Line()
    line.raw(0, 0, SYN, HELLO)
    assert Tap().play(line) == ["#0 0 A 0"]


def test_what_was_sent_again_is_known_to_what_follows():
    line = opened()
    line.say(400, 1, BEAT)
    line.raw(5000, 1, PSH | ACK, BEAT, seq=line.seqs[1] - len(BEAT))
    line.say(6000, 1, BEAT)
    tap = Tap()
    assert tap.play(line) == [*SAID, "#0 1 0 400", "#0 1 0 6000"]
    assert [each.resent_ns for each in tap.spoken] == [None, None, None, line.at(5000)]
    assert tap.known[0].copies == 0


@pytest.mark.parametrize(("ident", "after_us"), [(7, 900_000), (0, 900)])
def test_a_packet_that_was_captured_twice_is_no_retransmission(ident, after_us):
    line = opened()
    line.say(400, 1, BEAT, ident=ident, checksum=1)
    seq = line.seqs[1] - len(BEAT)
    line.raw(400 + after_us, 1, PSH | ACK, BEAT, seq=seq, ident=ident, checksum=2)
    tap = Tap()
    assert tap.play(line) == [*SAID, "#0 1 0 400"]
    assert tap.known[0].copies == 1
    assert tap.known[0].resent_ns is None


@pytest.mark.parametrize(
    ("idents", "after_us"), [((7, 8), 100), ((7, 7), 1_100_000), ((0, 0), 1_100)]
)
def test_a_retransmission_is_no_packet_that_was_captured_twice(idents, after_us):
    line = opened()
    line.say(400, 1, BEAT, ident=idents[0])
    seq = line.seqs[1] - len(BEAT)
    line.raw(400 + after_us, 1, PSH | ACK, BEAT, seq=seq, ident=idents[1])
    tap = Tap()
    assert tap.play(line) == [*SAID, "#0 1 0 400"]
    assert tap.known[0].copies == 0
    assert tap.known[0].resent_ns == line.at(400 + after_us)


def test_a_packet_that_is_in_two_files():
    line = opened()
    connections = Connections()
    for path in ("one", "two"):
        assert connections.copied_in is None
        for at_ns, data in line.packets:
            connections.take(Packet(at_ns, 1, data, len(data), 0, 1), path)
    assert connections.copied_in == ("one", "two")


def test_copies_are_looked_for_among_the_latest_packets():
    line = opened()
    line.say(400, 1, BEAT, ident=7)
    seq = line.seqs[1] - len(BEAT)
    for count in range(300):
        line.say(500 + count, 1, BEAT)
    line.raw(900, 1, PSH | ACK, BEAT, seq=seq, ident=7)
    tap = Tap()
    tap.play(line)
    assert tap.known[0].copies == 0


def test_a_hole_in_the_capture_costs_what_is_in_it():
    line = opened()
    line.say(400, 1, BEAT, keep=False)
    line.say(500, 1, BEAT)
    line.say(600, 0, BEAT)  # which acknowledges both
    tap = Tap()
    assert tap.play(line) == [*SAID, "#0 1 missed 500", "#0 1 0 500", "#0 0 0 600"]
    side = tap.known[0].sides[1]
    assert (side.gaps, side.missing_bytes, side.cut) == (1, len(BEAT), 0)


def test_messages_come_to_know_when_they_were_acknowledged():
    line = opened()
    line.say(400, 1, BEAT)
    line.say(410, 1, BEAT)
    line.raw(450, 0, ACK, ack=line.seqs[1] - 1)
    line.raw(460, 0, ACK)
    tap = Tap()
    tap.play(line)
    assert [each.seen.acked_ns for each in tap.spoken] == [
        line.at(300), line.at(400 + 50), line.at(450), line.at(460)
    ]  # fmt: skip


def test_a_message_that_nobody_acknowledges():
    line = opened()
    tap = Tap()
    tap.play(line)
    assert [each.seen.acked_ns for each in tap.spoken] == [line.at(300), None]


def test_tls_is_not_listened_to():
    line = Line()
    line.open()
    line.say(200, 0, b"\x16\x03\x01\x02\0\x01")
    line.say(300, 1, b"\x16\x03\x03\x02\0\x02")
    line.say(400, 0, HELLO)
    tap = Tap()
    assert tap.play(line) == []
    assert tap.finish() == ["#0 left"]
    assert tap.known[0].speech is Speech.TLS


def test_nothing_is_kept_of_a_connection_that_is_not_listened_to():
    line = Line()
    line.open()
    line.say(200, 0, b"\x16\x03\x01\x02\0\x01")
    line.say(300, 0, HELLO, keep=False)
    line.say(400, 0, HELLO)
    line.close(500)
    tap = Tap()
    assert tap.play(line) == ["#0 ended"]
    assert not tap.known[0].sides[0].stream.waits
    assert tap.known[0].sides[0].gaps == 0


def test_a_handshake_whose_packets_are_not_in_their_order():
    line = Line()
    line.raw(900, 0, SYN)
    line.seqs[0] += 1
    line.packets.append((line.at(500), line.raw(0, 1, SYN | ACK, keep=False)))
    line.seqs[1] += 1
    line.say(1000, 0, HELLO)
    connections = Connections()
    events = []
    for at_ns, data in line.packets:
        events += connections.take(Packet(at_ns, 1, data, len(data), 0, 1))
    assert connections.epoch == 0
    assert events[0].connection.handshake.stepped


def test_connections_are_bounded():
    lines = [opened(client=("10.0.0.1", port), at_ns=10**18 + port) for port in range(3)]
    tap = Tap(max_connections=2)
    found = []
    for line in lines:
        found += tap.play(line)
    assert found == [
        "#0 0 A 200", "#0 1 A 300", "#1 0 A 200", "#1 1 A 300",
        "#0 left", "#2 0 A 200", "#2 1 A 300",
    ]  # fmt: skip


def test_what_is_no_tcp_is_counted():
    connections = Connections()
    for data in (b"", b"\0" * 60, b"\0" * 60):
        assert connections.take(Packet(5, 1, data, len(data), 0, 1)) == []
    assert connections.skipped == {"EtherType 0000": 2, "a frame that is cut short": 1}


def test_a_clock_that_goes_back():
    line = opened()
    line.packets.append((line.at(-1), line.packets[-1][1]))
    connections = Connections()
    for at_ns, data in [*line.packets, (line.at(-900_000), line.packets[0][1])]:
        connections.take(Packet(at_ns, 1, data, len(data), 0, 1))
    assert connections.epoch == 1


def test_packets_without_an_instant():
    line = opened()
    connections = Connections()
    found = []
    for _, data in line.packets:
        found += connections.take(Packet(None, 1, data, len(data), 0, 1))
    assert [event.seen.at_ns for event in found] == [None, None]
    assert connections.untimed == len(line.packets)

"""What fixgate reads out of captures, held against what tcpdump itself says of them."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixgate.latency.from_capture import record_captures
from fixgate.triage.model import Mark
from tests.fixtext import fix
from tests.net.capture.craft import Line, pcap, pcapng

TCPDUMP = shutil.which("tcpdump") or shutil.which("tcpdump", path="/usr/sbin:/sbin")
pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(TCPDUMP is None, reason="tcpdump is not installed"),
]

C, V = "49=TRADER|56=EXCH", "49=EXCH|56=TRADER"
ROUNDS = 20
LAST = b"\x01112=t99\x01"
_LINE = re.compile(r"^(\d+\.\d+) .*Flags \[([^]]*)\].* length (\d+)")


@contextmanager
def captured(path: Path, port: int, interface: str, *more: str) -> Iterator[None]:
    """Capture a port while the block runs, and until the last reply is in the file."""
    assert TCPDUMP is not None
    command = [TCPDUMP, "-i", interface, "-U", "-s", "2048", "-w", str(path), *more]
    running = subprocess.Popen(
        [*command, "--immediate-mode", "tcp", "port", str(port)], stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    try:
        said = ""
        while "listening on" not in said:
            line = running.stderr.readline()
            said += line
            if not line:
                running.wait(timeout=10)
                pytest.skip(f"tcpdump may not capture here: {said.strip()}")
        yield
        deadline = time.monotonic() + 20
        while path.read_bytes().count(LAST) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=10)
        running.stderr.close()


def talk(listener: socket.socket) -> None:
    """A session on loopback: TestRequests, each answered, and the last two at once."""
    with socket.create_connection(listener.getsockname()) as client:
        venue, _ = listener.accept()
        with venue:
            for side in (client, venue):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in range(ROUNDS):
                client.sendall(fix(f"35=1|{C}|34={number + 2}|112=t{number}"))
                venue.recv(4096)
                venue.sendall(fix(f"35=0|{V}|34={number + 2}|112=t{number}"))
                client.recv(4096)
            requests = [fix(f"35=1|{C}|34={number}|112=t{number}") for number in (98, 99)]
            client.sendall(requests[0])
            client.sendall(requests[1])
            got = b""
            while len(got) < len(b"".join(requests)):
                got += venue.recv(4096)
            replies = [fix(f"35=0|{V}|34={number}|112=t{number}") for number in (98, 99)]
            venue.sendall(b"".join(replies))
            client.recv(4096)


def text_of(path: Path) -> list[tuple[int, str, int]]:
    """What tcpdump prints of a capture: nanoseconds, flags and length of each packet."""
    assert TCPDUMP is not None
    command = [TCPDUMP, "-r", str(path), "-n", "-tt", "--time-stamp-precision=nano"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    found = [_LINE.match(line) for line in said.splitlines()]
    assert all(found)
    return [(ns(each[1]), each[2], int(each[3])) for each in found]


def ns(text: str) -> int:
    second, _, fraction = text.partition(".")
    return int(second) * 10**9 + int(fraction.ljust(9, "0"))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_times_are_those_that_tcpdump_prints(tmp_path, listener):
    path = tmp_path / "lo.pcap"
    port = listener.getsockname()[1]
    with captured(path, port, "lo", "--time-stamp-precision=nano"):
        talk(listener)
    packets = text_of(path)
    recording = record_captures([path], client="TRADER")
    connect, *samples = recording.samples
    syn, syn_ack = packets[:2]
    assert (syn[1], syn_ack[1]) == ("S", "S.")
    assert (connect.sent_ns, connect.received_ns) == (syn[0], syn_ack[0])
    data = [at_ns for at_ns, _, length in packets if length]
    for number, sample in enumerate(samples[:ROUNDS]):
        assert sample.name == f"t{number}"
        assert (sample.sent_ns, sample.received_ns) == (data[2 * number], data[2 * number + 1])
        assert sample.marks == frozenset()
    *_, first, second, last = data
    assert [(each.sent_ns, each.received_ns) for each in samples[ROUNDS:]] == [
        (first, last), (second, last)
    ]  # fmt: skip
    assert {each.marks for each in samples[ROUNDS:]} == {frozenset({Mark.COALESCED})}
    assert recording.unmeasured == ()
    assert recording.precision_ns == 1


def test_the_interface_any_shows_every_packet_once(tmp_path, listener):
    path = tmp_path / "any.pcap"
    with captured(path, listener.getsockname()[1], "any"):
        talk(listener)
    recording = record_captures([path], client="TRADER")
    assert len(recording.samples) == 1 + ROUNDS + 2
    assert {mark for each in recording.samples for mark in each.marks} == {Mark.COALESCED}
    assert recording.unmeasured == ()
    assert recording.precision_ns == 1000


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("write", [pcap, pcapng])
def test_captures_that_the_tests_write_are_read_alike(tmp_path, write, order):
    """tcpdump reads what `tests.net.capture.craft` writes, and says what fixgate does."""
    line = Line(at_ns=1_700_000_000_123_456_789)
    line.open()
    line.say(200, 0, fix(f"35=1|{C}|34=1|112=t"))
    line.say(500, 1, fix(f"35=0|{V}|34=1|112=t"))
    path = tmp_path / "some.pcap"
    path.write_bytes(write(line.packets, order=order))
    packets = text_of(path)
    assert [at_ns for at_ns, _, _ in packets] == [at_ns for at_ns, _ in line.packets]
    assert [flags for _, flags, _ in packets] == ["S", "S.", ".", "P.", "P."]
    connect, beat = record_captures([path], client="TRADER").samples
    assert (connect.sent_ns, connect.received_ns) == (packets[0][0], packets[1][0])
    assert (beat.sent_ns, beat.received_ns) == (packets[3][0], packets[4][0])


def test_a_capture_comes_through_a_pipe(tmp_path, listener):
    path = tmp_path / "lo.pcap"
    with captured(path, listener.getsockname()[1], "lo"):
        talk(listener)
    program = (
        "from fixgate.latency.from_capture import record_captures as r;"
        "print(len(r(['-'], client='TRADER').samples))"
    )
    assert TCPDUMP is not None
    with subprocess.Popen(
        [TCPDUMP, "-r", str(path), "-w", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as writing:
        said = subprocess.run(
            [sys.executable, "-c", program],
            stdin=writing.stdout,
            capture_output=True,
            check=True,
            timeout=30,
        )
    assert int(said.stdout) == 1 + ROUNDS + 2

"""The prober against our own venue, and against peers that do not do as they should."""

from __future__ import annotations

import asyncio
import ctypes
import re
import socket
import struct
import sys
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from statistics import median

import pytest

from fixgate.health.model import FillPrices, OrderPlan, Status
from fixgate.host import StallKind
from fixgate.latency import measuring
from fixgate.latency.floor import clock_step_ns, measure_floor
from fixgate.latency.measuring import measure
from fixgate.latency.model import Figure, LatencyPlan, LatencyReport, Mode
from fixgate.latency.pace import instants
from fixgate.latency.progress import Stage
from fixgate.net.clock import Clock
from fixgate.net.settings import Address, ClientTls, ListenSettings, ServerTls
from fixgate.net.stamped import can_stamp
from fixgate.triage.model import Exchange, Layer, Mark, Sample, StampSource
from tests.live.checking import LOOPBACK, plan, venue
from tests.live.peer import Peer

pytestmark = pytest.mark.skipif(not can_stamp(), reason="needs Linux")

MS = 1_000_000
SECOND = 1_000_000_000
FAR = OrderPlan("ABC", "1", Decimal(1), Decimal(50))


async def measured(*plans: LatencyPlan, **kwargs) -> tuple[LatencyReport, list[Sample]]:
    samples: list[Sample] = []
    report = await measure(
        plans, clock=Clock(), host="test", version="0", each=samples.append, **kwargs
    )
    return report, samples


def of(report: LatencyReport, kind: Exchange, session: str | None = None):
    (found,) = (s for s in report.series if s.kind is kind and session in (None, s.session))
    return found


def closed(name: str, address: Address, count: int = 20, **changes: object) -> LatencyPlan:
    return LatencyPlan(plan(name, address, order=FAR, **changes), count=count, orders=True)


async def test_a_closed_loop_by_the_kernels_stamps():
    async with venue() as gateway:
        report, samples = await measured(closed("c1", gateway.addresses[0]))
    assert report.mode is Mode.CLOSED
    assert report.checks[0].status is Status.PASS
    assert report.remarks == ()
    counts = {s.kind: s.figures[s.best].count for s in report.series}
    assert counts == {
        Exchange.TCP: 1, Exchange.LOGON: 1, Exchange.HEARTBEAT: 10, Exchange.ACKNOWLEDGEMENT: 10,
        Exchange.CANCEL: 10,
    }  # fmt: skip
    requests = [each for each in samples if each.kind.of_request]
    assert {each.source for each in requests} == {StampSource.KERNEL}
    for each in requests:
        assert each.scheduled_ns is not None
        assert each.sent_ns is not None
        assert each.received_ns is not None
        assert each.app_sent_ns <= each.scheduled_ns <= each.sent_ns
        assert each.sent_ns < each.received_ns <= each.app_received_ns
        assert each.due_ns is None
        assert each.tcp_after is not None
    assert of(report, Exchange.HEARTBEAT).unanswered == 0
    tcp = of(report, Exchange.TCP).figures
    assert tcp[Figure.WIRE].max_ns <= tcp[Figure.APP].max_ns
    assert len(report.slow) > 0
    assert all("35=" in text for each in report.slow for text in each.messages)


async def test_an_open_loop_counts_from_when_a_request_was_due():
    async with venue() as gateway:
        asked = replace(closed("c1", gateway.addresses[0]), rate=200.0, count=40)
        report, samples = await measured(asked)
    assert (report.mode, report.rate) == (Mode.OPEN, 200)
    due = [s.due_ns for s in samples if s.kind is Exchange.HEARTBEAT]
    assert all(b - a == 10 * MS for a, b in pairwise(due))
    figures = of(report, Exchange.HEARTBEAT).figures
    assert set(figures) == {Figure.WIRE, Figure.APP, Figure.RESPONSE}
    assert figures[Figure.WIRE].max_ns <= figures[Figure.APP].max_ns
    assert figures[Figure.APP].max_ns <= figures[Figure.RESPONSE].max_ns
    # The cancel follows its order's acknowledgement, and is due at no instant of its own.
    assert Figure.RESPONSE not in of(report, Exchange.CANCEL).figures


async def test_a_duration_ends_it_too():
    async with venue() as gateway:
        asked = LatencyPlan(plan("c1", gateway.addresses[0]), rate=100.0, duration_ns=100 * MS)
        report, _ = await measured(asked)
        assert of(report, Exchange.HEARTBEAT).figures[Figure.WIRE].count == 10
        asked = LatencyPlan(plan("c2", gateway.addresses[0]), duration_ns=50 * MS)
        report, _ = await measured(asked)
        assert of(report, Exchange.HEARTBEAT).figures[Figure.WIRE].count > 10


async def test_tls_has_the_same_stamps(tls_files):
    listen = ListenSettings(LOOPBACK, certificate_of(tls_files))
    async with venue(listen) as gateway:
        tls = ClientTls(tls_files / "ca.pem", certificate=tls_files / "client.pem")
        asked = closed("c1", gateway.addresses[0], tls=tls)
        report, samples = await measured(asked)
    assert report.checks[0].status is Status.PASS
    assert {s.source for s in samples} == {StampSource.KERNEL}
    assert all(s.tls and Mark.COALESCED not in s.marks for s in samples if s.kind.of_request)
    assert of(report, Exchange.TLS).figures[Figure.APP].count == 1


def certificate_of(folder):
    return ServerTls(folder / "venue.pem", folder / "venue.pem", folder / "ca.pem")


async def test_many_sessions_at_once_each_with_its_own_figures():
    async with venue() as gateway:
        plans = [closed(f"c{n}", gateway.addresses[0], 10) for n in range(20)]
        report, _ = await measured(*plans)
    assert {check.status for check in report.checks} == {Status.PASS}
    for n in range(20):
        series = of(report, Exchange.ACKNOWLEDGEMENT, f"c{n}")
        assert (series.figures[Figure.WIRE].count, series.unanswered) == (5, 0)
        assert series.source is StampSource.KERNEL


async def test_a_stall_of_ours_marks_every_sample_in_it_and_moves_no_wire_figure(monkeypatch):
    """50 ms in which this process does nothing, while requests are on their way."""
    monkeypatch.setattr(measuring, "_TICK_NS", 0)
    stalls: list[tuple[int, int]] = []

    class StallsOnce:
        def update(self, ticks) -> None:
            if ticks[0].sent >= 30 and not stalls:
                begin_ns = time.time_ns()
                while time.time_ns() < begin_ns + 50 * MS:
                    pass
                stalls.append((begin_ns, time.time_ns()))

    async with echoing() as address:
        asked = LatencyPlan(plan("c1", address), rate=200.0, count=120)
        report, samples = await measured(asked, watcher=StallsOnce())
    (held,) = stalls
    inside = [s for s in samples if s.app_sent_ns < held[1] and s.app_received_ns > held[0]]
    due_inside = [s for s in samples if s.due_ns and held[0] < s.due_ns < held[1] - MS]
    for each in (*inside, *due_inside):
        assert Mark.STALLED in each.marks
        kinds = {stall.kind for stall in each.stalls}
        assert StallKind.LOOP in kinds or StallKind.SCHEDULING in kinds
    assert len(due_inside) >= 8
    assert max(s.response_ns for s in samples) > 40 * MS
    # On the wire nothing was slow: another process answered, and the kernel stamped. One of them
    # may have waited for a core of a busy machine.
    assert median(s.wire_ns or 0 for s in due_inside) < 20 * MS
    assert of(report, Exchange.HEARTBEAT).marks[Mark.STALLED] >= len(due_inside)


class echoing:  # noqa: N801 - reads as the function that it stands for
    """A venue in a process of its own, so that our stall does not hold it up."""

    async def __aenter__(self) -> Address:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fixgate", "serve", "--port", "0",
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stderr is not None
        line = (await self.process.stderr.readline()).decode()
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        assert found is not None, line
        return Address("127.0.0.1", int(found[1]))

    async def __aexit__(self, *exc: object) -> None:
        self.process.kill()
        await self.process.communicate()


async def test_a_venue_that_answers_nothing_is_unanswered_not_fast(monkeypatch):
    monkeypatch.setattr("fixgate.latency.prober.PATIENCE_NS", 50 * MS)

    async def logs_on_and_falls_silent(reader, writer) -> None:
        peer = Peer(reader, writer, "VENUE", "C1", "FIX.4.4")
        assert (await peer.read())[35] == "A"
        peer.send("A", "98=0|108=30|")
        await peer.read_until("5")
        await peer.close()

    server = await asyncio.start_server(logs_on_and_falls_silent, "127.0.0.1", 0)
    async with server:
        address = Address(*server.sockets[0].getsockname())
        report, samples = await measured(LatencyPlan(plan("c1", address), count=2))
    series = of(report, Exchange.HEARTBEAT)
    assert (series.unanswered, dict(series.figures)) == (2, {})
    assert [each.kind for each in samples] == [Exchange.LOGON]


class Deaf:
    """A socket that loses whatever comes: a classic BPF filter that lets nothing through."""

    ATTACH, DETACH, RETURN_NOTHING = 26, 27, struct.pack("=HBBI", 0x06, 0, 0, 0)

    def __init__(self, sock) -> None:
        self.sock = sock
        self.program = ctypes.create_string_buffer(self.RETURN_NOTHING)

    def begin(self) -> None:
        where = struct.pack("@HP", 1, ctypes.addressof(self.program))
        self.sock.setsockopt(socket.SOL_SOCKET, self.ATTACH, where)

    def end(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, self.DETACH, 0)


async def test_what_was_lost_on_the_way_and_sent_again_is_marked():
    """The fourth request meets a line that is deaf for 50 ms: TCP sends it again after 200."""

    async def echo(reader, writer) -> None:
        peer = Peer(reader, writer, "VENUE", "C1", "FIX.4.4")
        await peer.read()
        peer.send("A", "98=0|108=30|")
        answered = 0
        while (asked := await peer.read())[35] == "1":
            peer.send("0", f"112={asked[112]}|")
            answered += 1
            if answered == 3:
                deaf = Deaf(writer.get_extra_info("socket"))
                deaf.begin()
                asyncio.get_running_loop().call_later(0.05, deaf.end)
        peer.send("5")
        await peer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        address = Address(*server.sockets[0].getsockname())
        report, samples = await measured(LatencyPlan(plan("c1", address), count=6))
    beats = [s for s in samples if s.kind is Exchange.HEARTBEAT]
    assert [Mark.RETRANSMITTED in s.marks for s in beats] == [n == 3 for n in range(6)]
    assert [(s.wire_ns or 0) > 150 * MS for s in beats] == [n == 3 for n in range(6)]
    (lost,) = (s for s in beats if Mark.RETRANSMITTED in s.marks)
    assert lost.tcp_before is not None
    assert lost.tcp_after is not None
    assert lost.tcp_after.total_retrans > lost.tcp_before.total_retrans
    assert of(report, Exchange.HEARTBEAT).marks[Mark.RETRANSMITTED] == 1
    (slowest,) = (s for s in report.slow if s.sample == lost)
    assert slowest.verdict.layer is Layer.PATH


async def test_nobody_there_is_a_failed_check_and_no_figures():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        address = Address(*sock.getsockname())
    report, samples = await measured(closed("c1", address))
    assert report.checks[0].status is Status.FAIL
    assert report.checks[0].findings[0].cause == "refused"
    assert samples == []
    assert report.series == ()


async def test_an_order_that_fills_stops_all_further_orders():
    async with venue() as gateway:
        dear = replace(FAR, price=Decimal(1000))
        asked = closed("c1", gateway.addresses[0], 10)
        asked = replace(asked, check=replace(asked.check, order=dear))
        report, _ = await measured(asked)
    assert report.checks[0].status is Status.FAIL
    assert report.checks[0].findings[0].cause == "order-filled"
    assert of(report, Exchange.ACKNOWLEDGEMENT).figures[Figure.WIRE].count == 1
    assert of(report, Exchange.FILL).figures[Figure.WIRE].count == 1
    assert of(report, Exchange.HEARTBEAT).figures[Figure.WIRE].count == 9


async def test_orders_that_trade_leave_no_position():
    """Seven turns of three: two round trips in the market, and one that is traded back."""
    async with venue() as gateway:
        trades = replace(FAR, fills=FillPrices(Decimal(101), Decimal(99)))
        asked = closed("c1", gateway.addresses[0], 21)
        asked = replace(asked, fills=True, check=replace(asked.check, order=trades))
        report, samples = await measured(asked)
    assert report.checks[0].findings == ()
    fills = [s for s in samples if s.kind is Exchange.FILL]
    assert len(fills) == 8
    assert of(report, Exchange.FILL).figures[Figure.WIRE].count == 8
    assert of(report, Exchange.CANCEL).figures[Figure.WIRE].count == 7


async def test_whoever_watches_is_told_how_far_it_is(monkeypatch):
    monkeypatch.setattr(measuring, "_TICK_NS", 0)
    seen = []

    class Watcher:
        def update(self, ticks) -> None:
            seen.extend(ticks)

    async with venue() as gateway:
        asked = LatencyPlan(plan("c1", gateway.addresses[0]), rate=100.0, count=30)
        await measured(asked, watcher=Watcher())
    stages = [tick.stage for tick in seen]
    assert Stage.MEASURING in stages
    assert stages[-1] is Stage.DONE
    last = seen[-1]
    assert (last.session, last.sent, last.answered, last.asked) == ("c1", 30, 30, 30)
    assert last.max_ns >= last.median_ns > 0
    assert [tick.sent for tick in seen] == sorted(tick.sent for tick in seen)


async def test_a_long_measurement_does_not_wait_long_for_a_silent_venue():
    async def says_nothing(reader, writer) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    async with silent:
        address = Address(*silent.sockets[0].getsockname())
        asked = LatencyPlan(
            plan("c1", address, deadline_ns=200 * MS), rate=1.0, duration_ns=3600 * SECOND
        )
        begun = time.monotonic()
        report, _ = await measured(asked)
        await asyncio.sleep(0.01)
    assert time.monotonic() - begun < 5
    assert report.checks[0].findings[0].cause == "silent"


class EnoughAt:
    """Has a measurement stopped once it has sent so many requests."""

    def __init__(self, sent: int, monkeypatch) -> None:
        monkeypatch.setattr(measuring, "_TICK_NS", 0)
        self.sent = sent
        self.stop = asyncio.Event()

    def update(self, ticks) -> None:
        if ticks[0].sent >= self.sent:
            self.stop.set()


async def test_when_it_is_enough_what_was_measured_is_reported(monkeypatch):
    enough = EnoughAt(10, monkeypatch)
    async with venue() as gateway:
        asked = LatencyPlan(
            plan("c1", gateway.addresses[0], order=FAR), rate=50.0, count=10_000, orders=True
        )
        report, samples = await measured(asked, watcher=enough, stop=enough.stop)
    assert report.checks[0].status is Status.PASS
    assert report.remarks == ("It was stopped early: less was sent than was asked for.",)
    beats = of(report, Exchange.HEARTBEAT)
    assert 5 <= beats.figures[Figure.WIRE].count < 1000
    assert beats.unanswered == 0
    acked = {s.name for s in samples if s.kind is Exchange.ACKNOWLEDGEMENT}
    cancelled = [s for s in samples if s.kind is Exchange.CANCEL]
    assert len(acked) == len(cancelled) >= 5


@pytest.mark.parametrize("rate", [None, 0.01])
async def test_enough_is_noticed_between_slow_requests_too(rate, monkeypatch):
    enough = EnoughAt(1, monkeypatch)
    async with venue() as gateway:
        asked = LatencyPlan(plan("c1", gateway.addresses[0]), rate=rate, duration_ns=3600 * SECOND)
        report, _ = await measured(asked, watcher=enough, stop=enough.stop)
    assert report.checks[0].status is Status.PASS
    assert of(report, Exchange.HEARTBEAT).figures[Figure.WIRE].count >= 1


async def test_called_off_it_leaves_no_order_and_no_session_behind(monkeypatch):
    enough = EnoughAt(10, monkeypatch)
    async with venue() as gateway:
        asked = LatencyPlan(
            plan("c1", gateway.addresses[0], order=FAR), rate=50.0, count=10_000, orders=True
        )
        task = asyncio.create_task(measured(asked, watcher=enough))
        await enough.stop.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gateway.connections == 0


async def test_without_stamps_the_figures_are_labelled_as_user_space():
    async with venue() as gateway:
        asked = replace(closed("c1", gateway.addresses[0]), stamps=False)
        report, samples = await measured(asked)
    assert {s.source for s in samples if s.kind is not Exchange.TCP} == {StampSource.USER}
    assert set(of(report, Exchange.HEARTBEAT).figures) == {Figure.APP}
    assert of(report, Exchange.ACKNOWLEDGEMENT).figures[Figure.APP].count == 10
    assert report.floor is None


async def test_the_floor_and_the_clocks_step():
    floor = await measure_floor(50)
    assert floor is not None
    assert floor.wire is not None
    assert floor.app.count == floor.wire.count == 50
    assert 0 < floor.wire.min_ns < floor.app.max_ns < SECOND
    assert 0 < floor.clock_ns <= MS
    assert clock_step_ns() > 0


async def test_an_instant_is_never_early_and_never_later_for_the_one_before():
    begun = time.time_ns()
    found = []
    async for number, due_ns in instants(100.0, 5, None):
        assert time.time_ns() >= due_ns - MS
        found.append((number, due_ns))
        if number == 1:
            await asyncio.sleep(0.025)
    assert [number for number, _ in found] == [0, 1, 2, 3, 4]
    assert [due - found[0][1] for _, due in found] == [0, 10 * MS, 20 * MS, 30 * MS, 40 * MS]
    assert found[0][1] >= begun
    assert [n async for n, _ in instants(1000.0, None, 5 * MS)] == [0, 1, 2, 3, 4]

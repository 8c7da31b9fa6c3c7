"""Measurements made up from a seed: a slow matching engine, loss, a stalled host."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from fixgate.health.model import CheckReport, Phase
from fixgate.health.model import Layer as FaultLayer
from fixgate.host.lateness import Lateness
from fixgate.host.stall import Stall, StallKind
from fixgate.latency.budget import parse_budget
from fixgate.latency.distribution import Recorder
from fixgate.latency.model import Distribution, Floor, LatencyPlan, LatencyReport, Mode, Ours
from fixgate.latency.slowest import Context
from fixgate.latency.summary import Summary
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.model import (
    Confidence,
    Exchange,
    Layer,
    Mark,
    Sample,
    StampSource,
    VenueTimes,
    Verdict,
)
from fixgate.triage.split import Part
from tests.report import sample as checks

START_NS = checks.START_NS
US, MS, S = 1_000, 1_000_000, 1_000_000_000
BUDGETS = ("ack p99<1ms", "ack max<10ms", "cancel p50<500us", "response max<1s")
CONNECTING = (Exchange.TCP, Exchange.TLS, Exchange.LOGON)
REQUESTS = (Exchange.HEARTBEAT, Exchange.ACKNOWLEDGEMENT, Exchange.CANCEL)
TCP = TcpInfo(
    retransmits=0, backoff=0, rto_ns=204 * MS, unacked=0, lost=0, rtt_ns=310 * US,
    rttvar_ns=44 * US, min_rtt_ns=212 * US, total_retrans=0, bytes_acked=81_234,
    bytes_received=90_112, bytes_retrans=0, notsent_bytes=0, busy_ns=9 * MS, rwnd_limited_ns=0,
    sndbuf_limited_ns=0, dsack_dups=0, rcv_ooopack=0, snd_wnd=65_536,
)  # fmt: skip
NEXT_STEPS = {
    Layer.MATCHING: "Send the venue these ClOrdIDs and its own TransactTime(60) of each.",
    Layer.PATH: "Ask the carrier for loss on this line at these instants.",
    Layer.HOST: "Pin the prober to an isolated core: fixgate host says how.",
    Layer.GATEWAY: "Ask the venue about its gateway at these instants.",
}
SUMMARIES = {
    Layer.MATCHING: "Orders were slow while Heartbeats were not, and the line was clean.",
    Layer.PATH: "A segment of ours was sent again after 204 ms: it was lost on the way.",
    Layer.HOST: "This process did not run for 48 ms while the reply was there.",
    Layer.GATEWAY: "The reply left the venue late; it took TestRequests as long as orders.",
    Layer.UNATTRIBUTED: "That is nothing unusual here.",
}


OURS = Ours(
    Lateness(9_000, 70 * US, 900 * US, 12 * MS), Lateness(4_000, 0, 2 * MS, 9 * MS), 2, 3 * MS
)


def one(
    rng: Random, kind: Exchange, session: str, number: int, due_ns: int | None, *,
    stamps: StampSource, layer: Layer | None, tls: bool = False,
) -> Sample:  # fmt: skip
    """Make a sample whose time, if any is lost, is lost in ``layer``."""
    at_ns = due_ns if due_ns is not None else START_NS + number * 20 * MS
    late_ns = rng.randrange(4 * US, 30 * US) if due_ns is not None else 0
    wire_ns = int(rng.lognormvariate(12.5, 0.08)) + 30 * US * (kind in REQUESTS[1:])
    before_ns, after_ns = rng.randrange(8 * US, 20 * US), rng.randrange(20 * US, 70 * US)
    marks, stalls, after = set(), (), replace(TCP, bytes_acked=TCP.bytes_acked + number)
    if layer is Layer.MATCHING:
        wire_ns += rng.randrange(2 * MS, 14 * MS)
    elif layer is Layer.GATEWAY:
        wire_ns += rng.randrange(1 * MS, 3 * MS)
    elif layer is Layer.PATH:
        wire_ns += 204 * MS
        marks.add(Mark.RETRANSMITTED)
        after = replace(after, total_retrans=1, bytes_retrans=172, backoff=1)
    elif layer is Layer.HOST:
        stall_ns = rng.randrange(44 * MS, 50 * MS)
        after_ns += stall_ns
        marks.add(Mark.STALLED)
        begin_ns = at_ns + late_ns + before_ns + wire_ns
        stalls = (Stall(StallKind.SCHEDULING, begin_ns, begin_ns + stall_ns),)
    elif rng.random() < 0.002:
        marks.add(Mark.COALESCED)
    sent_ns = at_ns + late_ns
    venue = None
    if kind.of_application:
        inside_ns = max(wire_ns - 220 * US, 20 * US) if layer is Layer.MATCHING else 25 * US
        request_ns = sent_ns + 2 * MS
        venue = VenueTimes(
            request_ns, request_ns + inside_ns, request_ns + inside_ns + 9 * US, 1_000
        )
    timed = stamps in (StampSource.KERNEL, StampSource.HARDWARE, StampSource.CAPTURE)
    return Sample(
        kind,
        f"FG-{session}-{number}",
        app_sent_ns=sent_ns,
        app_received_ns=sent_ns + before_ns + wire_ns + after_ns,
        source=stamps,
        due_ns=due_ns,
        scheduled_ns=sent_ns + before_ns - 2 * US if timed else None,
        sent_ns=sent_ns + before_ns if timed else None,
        acked_ns=sent_ns + before_ns + wire_ns - 4 * US if timed else None,
        received_ns=sent_ns + before_ns + wire_ns if timed else None,
        done_ns=sent_ns + before_ns + wire_ns + after_ns + 15 * US,
        marks=frozenset(marks),
        tcp_before=TCP,
        tcp_after=after,
        stalls=stalls,
        venue=venue,
        session=session,
        tls=tls,
    )


def cause(rng: Random, kind: Exchange) -> Layer | None:
    dice = rng.random()
    if dice < 0.004 and kind.of_application:
        return Layer.MATCHING
    if dice < 0.005:
        return Layer.GATEWAY
    return Layer.PATH if dice < 0.0055 else Layer.HOST if dice < 0.007 else None


def judge(sample: Sample) -> Verdict:
    """Say what `one` did; the rules are triage's."""
    slow_ns = sample.best_ns - 340 * US
    layer, confidence = Layer.UNATTRIBUTED, Confidence.NONE
    if Mark.STALLED in sample.marks:
        layer, confidence = Layer.HOST, Confidence.HIGH
    elif Mark.RETRANSMITTED in sample.marks:
        layer, confidence = Layer.PATH, Confidence.HIGH
    elif slow_ns > 500 * US:
        matching = sample.kind.of_application and slow_ns > 1500 * US
        layer = Layer.MATCHING if matching else Layer.GATEWAY
        confidence = Confidence.HIGH if matching else Confidence.MEDIUM
    others = ()
    if layer is Layer.MATCHING:
        others = (Verdict(Layer.GATEWAY, Confidence.LOW, "gateway", SUMMARIES[Layer.GATEWAY]),)
    return Verdict(
        layer,
        confidence,
        "usual" if confidence is Confidence.NONE else layer.name.lower(),
        SUMMARIES[layer],
        (("wire", f"{sample.best_ns / MS:.2f} ms"), ("min_rtt", "212 us before, 212 us after")),
        NEXT_STEPS.get(layer, ""),
        others,
    )


def split(sample: Sample) -> list[Part]:
    parts = []
    if sample.due_ns is not None:
        parts.append(Part(Layer.HOST, "due to write", sample.app_sent_ns - sample.due_ns))
    if sample.sent_ns is None or sample.received_ns is None:
        return [*parts, Part(Layer.UNATTRIBUTED, "write to read", sample.app_ns)]
    remote_ns = sample.received_ns - sample.sent_ns - TCP.min_rtt_ns
    layer = judge(sample).layer
    inside = layer if layer in (Layer.PATH, Layer.MATCHING) else Layer.GATEWAY
    return [
        *parts,
        Part(Layer.STACK, "application to kernel", sample.sent_ns - sample.app_sent_ns),
        Part(Layer.PATH, "least network round trip", TCP.min_rtt_ns),
        Part(inside, "beyond the line", max(remote_ns, 0)),
        Part(Layer.HOST, "kernel to application", sample.app_received_ns - sample.received_ns),
    ]


def context(sample: Sample) -> Context:
    kind, tag = {
        Exchange.HEARTBEAT: ("1", "112"),
        Exchange.CANCEL: ("F", "11"),
        Exchange.LOGON: ("A", "553"),
    }.get(sample.kind, ("D", "11"))
    header = f"8=FIX.4.4|9=101|35={kind}|49=DESK1|56=XLON|34=812|52=20261122-08:30:00.000|"
    return Context(
        (f"{header}{tag}={sample.name}|10=101|", f"{header}{tag}={sample.name}|10=077|"),
        (("processor", "3"), ("involuntary switches", "0 before, 1 after")),
    )


def spread(rng: Random, middle_ns: int, count: int = 2000) -> Distribution:
    recorder = Recorder()
    for _ in range(count):
        recorder.record(int(rng.lognormvariate(0, 0.2) * middle_ns))
    found = recorder.distribution()
    assert found is not None
    return found


def names(sessions: int) -> list[str]:
    known = ["xlon-main", "xpar-main", "xetr-tls"]
    return known[:sessions] + [f"line-{i:02d}" for i in range(4, sessions + 1)]


def unreachable(name: str) -> CheckReport:
    return checks.sick(
        checks.plan(name, group=""),
        "logon-refused",
        FaultLayer.GATEWAY,
        Phase.LOGON,
        'The venue refused the Logon: "Invalid username or password".',
        "Check Username(553) and the password that the session file refers to.",
        ("~ connected", "> 35=A|34=1|98=0|108=30", "< 35=5|34=1|58=Invalid username or password"),
    )


def measured(
    sessions: int = 3,
    requests: int = 1500,
    *,
    mode: Mode = Mode.OPEN,
    seed: int = 20261122,
    budgets: tuple[str, ...] = BUDGETS,
    sick: bool = True,
    worst: int = 5,
) -> LatencyReport:
    """Make a report.

    Args:
        sessions: That came up; the second has no stamps of the kernel, the third is TLS.
        requests: Of each exchange, on each session.
        mode: How they are sent.
        seed: What is drawn is drawn from this.
        budgets: Limits.
        sick: Whether one more session did not come up.
        worst: How many of the slowest are kept, of each exchange and session.
    """
    rng = Random(seed)
    summary = Summary(budgets=[parse_budget(text) for text in budgets], worst=worst)

    def take(sample: Sample) -> None:
        summary.take(sample, lambda: context(sample))

    called = names(sessions)
    for index, session in enumerate(called):
        stamps, tls = StampSource.KERNEL, index == 2
        if mode is Mode.CAPTURE:
            stamps = StampSource.CAPTURE
        elif mode is Mode.LOG:
            stamps = StampSource.LOG
        elif index == 1:
            stamps = StampSource.USER
        for kind in CONNECTING:
            if kind is not Exchange.TLS or tls:
                take(one(rng, kind, session, 0, None, stamps=stamps, layer=None, tls=tls))
        for kind in REQUESTS:
            for number in range(1, requests + 1):
                due_ns = START_NS + number * 20 * MS + index * MS if mode is Mode.OPEN else None
                lost = cause(rng, kind) if index != 1 or number % 3 else Layer.GATEWAY
                take(one(rng, kind, session, number, due_ns, stamps=stamps, layer=lost, tls=tls))
    summary.unanswered(Exchange.CANCEL, called[0], 2)
    return summary.report(_frame(rng, called, mode, requests, sick=sick), judge=judge, split=split)


def _frame(
    rng: Random, called: list[str], mode: Mode, requests: int, *, sick: bool
) -> LatencyReport:
    live = mode in (Mode.OPEN, Mode.CLOSED)
    rate = 50.0 if mode is Mode.OPEN else None
    found = [checks.healthy(checks.plan(n, group="", tls=i == 2)) for i, n in enumerate(called)]
    found += [unreachable("xams-main")] if sick else []
    floor = Floor(spread(rng, 38 * US), spread(rng, 11 * US), 25, "tsc")
    return LatencyReport(
        mode=mode,
        targets=tuple(check.plan.name for check in found) if live else ("open.pcapng",),
        started_ns=START_NS,
        duration_ns=requests * 20 * MS + 300 * MS,
        series=(),
        plans=tuple(
            LatencyPlan(check.plan, rate=rate, count=requests, orders=True) for check in found
        ) if live else (),
        checks=tuple(found) if live else (),
        floor=floor if live else None,
        ours=OURS if live else None,
        rate=rate,
        remarks=("xpar-main: the kernel gives no stamps on this connection: figures are ours.",)
        if live and len(called) > 1
        else (),
        precision_ns=MS if mode is Mode.LOG else 1,
        host="desk-host-1",
        version="0.1.0",
    )  # fmt: skip

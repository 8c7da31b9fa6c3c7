"""Samples made by hand, in microseconds, and what is usual beside them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from fixgate.host.stall import Stall, StallKind
from fixgate.host.window import Counts, Window
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.baseline import Baseline, baselines_of
from fixgate.triage.context import Connect, Context, Surroundings
from fixgate.triage.model import Exchange, Sample, StampSource, VenueTimes

US = 1_000
START_NS = 1_795_336_200_000_000_000  # 2026-11-22T08:30:00Z

HEARTBEAT, ORDER, CANCEL = Exchange.HEARTBEAT, Exchange.ACKNOWLEDGEMENT, Exchange.CANCEL


def tcp(**changes: int) -> TcpInfo:
    """A connection on a quick line, with nothing wrong."""
    usual = TcpInfo(
        retransmits=0, backoff=0, rto_ns=204_000_000, unacked=0, lost=0, rtt_ns=504 * US,
        rttvar_ns=100 * US, min_rtt_ns=428 * US, total_retrans=0, bytes_acked=1000,
        bytes_received=1000, bytes_retrans=0, notsent_bytes=0, busy_ns=0, rwnd_limited_ns=0,
        sndbuf_limited_ns=0, dsack_dups=0, rcv_ooopack=0, snd_wnd=65_536,
    )  # fmt: skip
    return replace(usual, **changes)


def made(
    kind: Exchange = HEARTBEAT,
    *,
    at: int = 0,
    wait: int = 0,
    out: int = 15,
    queue: int = 4,
    wire: int = 531,
    home: int = 31,
    ack: int | None = None,
    name: str = "",
    before: TcpInfo | None = None,
    after: TcpInfo | None = None,
    **changes: object,
) -> Sample:
    """A sample of so many microseconds a stretch.

    Args:
        kind: What was asked.
        at: When it was written, microseconds after the start.
        wait: From when it was due.
        out: Application to kernel (SCHED).
        queue: SCHED to SND.
        wire: SND to RX.
        home: RX to application.
        ack: SND to ACK; just before the reply when ``None``.
        name: Of the request.
        before: The connection before it.
        after: The connection after it.
        changes: Of other fields.
    """
    app_ns = START_NS + at * US
    scheduled_ns = app_ns + out * US
    sent_ns = scheduled_ns + queue * US
    received_ns = sent_ns + wire * US
    sample = Sample(
        kind, name or f"{kind.name}-{at}", app_ns, received_ns + home * US, StampSource.KERNEL,
        due_ns=app_ns - wait * US, scheduled_ns=scheduled_ns, sent_ns=sent_ns,
        acked_ns=sent_ns + (wire - 2 if ack is None else ack) * US, received_ns=received_ns,
        tcp_before=before or tcp(), tcp_after=after or tcp(), session="venue",
    )  # fmt: skip
    return replace(sample, **changes)


def usual(
    kind: Exchange = HEARTBEAT,
    count: int = 100,
    *,
    begin: int = -1_000_000_000,
    every: int = 10_000,
    wire: int = 531,
    home: int = 31,
    out: int = 15,
) -> list[Sample]:
    """So many samples with nothing wrong, spread as on the emulated line; long ago unless told."""
    dice = random.Random(f"{kind}{count}{begin}")
    return [
        made(
            kind,
            at=begin + number * every,
            out=out + dice.randrange(-4, 6),
            wire=wire + dice.randrange(-60, 90),
            home=home + dice.randrange(-9, 14),
        )
        for number in range(count)
    ]


def plain(sample: Sample) -> Sample:
    """The same without the kernel's stamps."""
    return replace(
        sample,
        source=StampSource.USER,
        scheduled_ns=None,
        sent_ns=None,
        acked_ns=None,
        received_ns=None,
    )


def staged(
    sample: Sample,
    *,
    to: int = 200,
    gateway: int = 20,
    matching: int = 30,
    reply: int = 10,
    ahead: int = 123_456_789,
    precision_ns: int = 1,
    entered: bool = True,
) -> Sample:
    """The same with the venue's own account, microseconds a stage, its clock so far ahead."""
    request_ns = (sample.sent_ns or sample.app_sent_ns) + (to + ahead) * US
    entered_ns = request_ns + gateway * US
    done_ns = entered_ns + matching * US
    times = VenueTimes(
        _cut(request_ns, precision_ns),
        _cut(done_ns, precision_ns),
        _cut(done_ns + reply * US, precision_ns),
        precision_ns,
        _cut(entered_ns, precision_ns) if entered else None,
    )
    return replace(sample, venue=times)


def _cut(at_ns: int, precision_ns: int) -> int:
    return at_ns // precision_ns * precision_ns


def stall(begin: int, end: int, kind: StallKind = StallKind.SCHEDULING) -> Stall:
    """This process held up, from and to microseconds after the start."""
    return Stall(kind, START_NS + begin * US, START_NS + end * US)


def connect(at: int, rtt: int = 430) -> Connect:
    """A connection opened so many microseconds after the start."""
    return Connect(START_NS + at * US, START_NS + (at + rtt + 80) * US, rtt * US)


def connects(count: int = 12, rtt: int = 430) -> list[Connect]:
    """Connections long before, with nothing wrong."""
    return [connect(-1_000_000_000 + n * 1000, rtt + n % 5 * 10) for n in range(count)]


def window(step_us: int = 0, **grown: int) -> Window:
    """What the machine counted, over two seconds around the start."""
    return Window(START_NS - 10**9, START_NS + 10**9 + step_us * US, 2 * 10**9, Counts(**grown))


def beside(
    sample: Sample,
    *near: Sample,
    more: Iterable[Connect] = (),
    **others: object,
) -> Context:
    """What a sample is judged beside: a hundred usual ones of each kind, and some near in time."""
    venue = sample.venue
    fine, told = (venue.precision_ns, venue.entered_ns is not None) if venue else (0, False)
    surroundings = Surroundings(
        [*near, sample], baselines=_baselines(fine, told), connects={"venue": [*more]}, **others
    )
    return surroundings.context(sample)


@cache
def _baselines(precision_ns: int, entered: bool) -> dict[tuple[str, Exchange], Baseline]:
    """What is usual; with the venue's own account where that is so fine."""
    old = [each for kind in (HEARTBEAT, ORDER, CANCEL) for each in usual(kind)]
    if precision_ns:
        old = [staged(each, precision_ns=precision_ns, entered=entered) for each in old]
    return dict(baselines_of(old))

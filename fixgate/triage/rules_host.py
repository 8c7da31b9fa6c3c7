"""Rules about this host: clocks, what held the process up, its queues. First in the table.

What lies between a stamp of our kernel and our own process cannot be the venue's; that is why these
may be sure without knowing the reason.
"""

from __future__ import annotations

from fixgate.host.stall import StallKind
from fixgate.triage.excess import MOST, SOME
from fixgate.triage.facts import Facts
from fixgate.triage.model import Confidence, Layer, Mark, StampSource
from fixgate.triage.network import ROOM_BYTES
from fixgate.triage.rule import Found, Rule
from fixgate.triage.spans import CHAIN, Span, contradiction_ns
from fixgate.triage.wording import percent, shown

__all__ = ["HOST_RULES", "UNUSUAL_RULES", "blocked"]

_STEP_NS = 50_000
"""The wall clock against the monotonic one: slewing moves it less in any window worth judging."""

_DELAYED_ACK_NS = (25_000_000, 60_000_000)
"""Linux waits 40 ms before it acknowledges what it hopes to answer."""

_CONGESTED_SEGMENTS = 10
"""Linux sends ten segments before it wants one acknowledged."""


def _clock(facts: Facts) -> Found | None:
    steps = [w.clock_step_ns for w in facts.context.windows if abs(w.clock_step_ns) > _STEP_NS]
    back_ns = contradiction_ns(facts.sample)
    marked = Mark.CLOCK_STEPPED in facts.sample.marks
    if not (marked or steps or back_ns > _STEP_NS):
        return None
    evidence = [("clock set by", shown(step)) for step in steps]
    evidence += [("instants go back by", shown(back_ns))] if back_ns > _STEP_NS else []
    return Found(
        Confidence.NONE,
        "The clock was set between request and reply: the stamps say nothing.",
        tuple(evidence),
    )


def _usual(facts: Facts) -> Found | None:
    if facts.is_slow:
        return None
    if not facts.context.baseline.count:
        return Found(Confidence.NONE, "There is nothing to compare this sample with.")
    spread = facts.context.baseline.get(facts.remote)
    took_ns = facts.spans[facts.remote]
    evidence = () if spread is None else (("usual 99th percentile", shown(spread.p99_ns)),)
    return Found(Confidence.NONE, f"{shown(took_ns)} is nothing unusual here.", evidence)


def blocked(facts: Facts) -> bool:
    """Whether the peer's window, or what was lost before, may have kept our kernel from sending."""
    tcp = facts.tcp
    if tcp is None:
        return False
    waited = facts.part(tcp.rwnd_limited_ns) >= SOME
    before = tcp.before
    tight = 0 < before.snd_wnd < ROOM_BYTES  # 0 is what an older kernel does not tell
    return bool(waited or tight or before.notsent_bytes or before.lost or before.retransmits)


def _home(facts: Facts) -> tuple[Span, ...]:
    """Return the stretches that are surely ours: not where TCP was kept from sending."""
    return (Span.IN,) if blocked(facts) else (Span.WAIT, Span.OUT, Span.IN)


def _stalled(facts: Facts) -> Found | None:
    if not facts.stalls or not facts.excess_ns:
        return None
    if not facts.stamped:
        return _stalled_unstamped(facts)
    if facts.is_remote and facts.part(facts.hidden_ns) >= SOME:
        return _piled_up(facts)
    held_ns = facts.stalled_at_home_ns
    if facts.part(held_ns) < SOME:
        return None
    share = facts.share(*_home(facts))
    text = f"This process was held up for {shown(held_ns)} ({_what(facts)})"
    if share >= MOST:
        text += f"; {percent(share)} of the excess of {shown(facts.excess_ns)} is its own."
        return Found(Confidence.HIGH, text, _host_evidence(facts))
    text += f", yet the wire's stamps say that {percent(1 - share)} of the excess is not its own."
    return Found(Confidence.LOW, text, _host_evidence(facts))


def _piled_up(facts: Facts) -> Found:
    """Judge a reply that may have lain unread longer than its stamp, another's, can tell."""
    hidden_ns = facts.hidden_ns
    ours_ns = hidden_ns + sum(facts.excess_of(span) for span in _home(facts))
    text = (
        f"This process did not read for {shown(hidden_ns)} before the last of several replies came "
        f"({_what(facts)}); this one shares its stamp, and may have been there before."
    )
    # Behind what was lost replies pile up as well, in our kernel, with nobody late to read them.
    lost = facts.lost or (facts.tcp is not None and facts.tcp.ooo)
    likely = facts.part(ours_ns) >= MOST and not lost
    confidence = Confidence.MEDIUM if likely else Confidence.LOW
    return Found(confidence, text, _host_evidence(facts))


def _stalled_unstamped(facts: Facts) -> Found | None:
    held_ns = facts.stalled_ns
    if facts.part(held_ns) < SOME:
        return None
    sure = Confidence.MEDIUM if facts.part(held_ns) >= MOST else Confidence.LOW
    text = (
        f"This process was held up for {shown(held_ns)} ({_what(facts)}) of an excess of "
        f"{shown(facts.excess_ns)}; there are no stamps to tell it from the venue's time."
    )
    return Found(sure, text, _host_evidence(facts))


def _what(facts: Facts) -> str:
    kind = facts.stall_kind
    return "unknown" if kind is None else kind.value


def _kernel_queue(facts: Facts) -> Found | None:
    share = facts.share(Span.QUEUE)
    if share < MOST or facts.sample.scheduled_ns is None:
        return None
    queued_ns = facts.spans[Span.QUEUE]
    text = f"The request lay {shown(queued_ns)} in the kernel's queue before it left this host."
    sure = facts.part(facts.stalled_at_home_ns) < SOME and not blocked(facts)
    confidence = Confidence.HIGH if sure else Confidence.MEDIUM
    return Found(confidence, text, (("share of the excess", percent(share)),))


def _card(facts: Facts) -> Found | None:
    if facts.share(Span.CARD) < MOST:
        return None
    text = (
        f"{shown(facts.excess_of(Span.CARD))} more than usual passed between the kernel's stamps "
        "and the network card's own."
    )
    return Found(Confidence.HIGH, text, _host_evidence(facts))


def _nagle(facts: Facts) -> Found | None:
    low, high = _DELAYED_ACK_NS
    before = facts.sample.tcp_before
    out_ns = facts.excess_of(Span.OUT)
    if before is None or not before.unacked or blocked(facts):
        return None
    if facts.share(Span.OUT) < MOST or not low <= out_ns <= high:
        return None
    text = (
        f"The kernel kept the request back for {shown(out_ns)} while {before.unacked} segment(s) "
        "before it were unacknowledged."
    )
    return Found(Confidence.MEDIUM, text)


def _application(facts: Facts) -> Found | None:
    share = facts.share(*_home(facts))
    if not facts.stamped or facts.sample.source is StampSource.CAPTURE or share < MOST:
        return None
    most = max(_home(facts), key=facts.excess_of)
    text = (
        f"{percent(share)} of the excess of {shown(facts.excess_ns)} lies between this process and "
        f"its kernel, {most.value} {shown(facts.spans[most])}"
    )
    seen = facts.part(facts.stalled_at_home_ns) >= SOME
    text += "." if seen else "; nothing was seen to hold the process up."
    return Found(_application_confidence(facts), text, _host_evidence(facts))


def _application_confidence(facts: Facts) -> Confidence:
    """Return how sure it is that the process was late, not the kernel or what keeps it waiting."""
    if facts.share(Span.IN) >= MOST:
        return Confidence.HIGH
    if facts.tcp is None or facts.lost:
        return Confidence.MEDIUM
    free = facts.tcp.before.unacked < _CONGESTED_SEGMENTS
    return Confidence.HIGH if free else Confidence.MEDIUM


def _send_buffer(facts: Facts) -> Found | None:
    tcp = facts.tcp
    if tcp is None or facts.part(tcp.sndbuf_limited_ns) < MOST or not facts.excess_ns:
        return None
    text = f"Sending waited {shown(tcp.sndbuf_limited_ns)} for room in our own send buffer."
    return Found(Confidence.MEDIUM, text, (("not sent", f"{tcp.after.notsent_bytes} bytes"),))


def _host_evidence(facts: Facts) -> tuple[tuple[str, str], ...]:
    found = [(span.value, shown(facts.spans[span])) for span in CHAIN if span in facts.spans]
    for kind in StallKind:
        held = [s for s in facts.stalls if s.kind is kind]
        if held:
            found.append((kind.value, f"{len(held)} of {shown(max(s.duration_ns for s in held))}"))
    where = facts.context.placement
    known = ((where.pinned, "pinned"), (where.isolated, "isolated"))
    found += [("processor", w if yes else f"not {w}") for yes, w in known if yes is not None]
    return (*found, *_counted(facts))


def _counted(facts: Facts) -> list[tuple[str, str]]:
    """Return what the machine counted around the sample that speaks of contention."""
    grown = [window.grown for window in facts.context.windows]
    counts = {
        "involuntary switches": sum(each.involuntary_switches or 0 for each in grown),
        "migrations": sum(each.migrations or 0 for each in grown),
        "throttled periods": sum(each.throttled_periods or 0 for each in grown),
    }
    return [(label, str(count)) for label, count in counts.items() if count]


UNUSUAL_RULES: tuple[Rule[Facts], ...] = (
    Rule(
        "clock",
        Layer.UNATTRIBUTED,
        "whether the wall clock was set, and whether instants go back",
        "it was set by more than 50 us between request and reply",
        "",
        "Discard this sample and measure again; see that the clock is slewed, not stepped "
        "(chronyc tracking).",
        _clock,
        final=True,
    ),
    Rule(
        "usual",
        Layer.UNATTRIBUTED,
        "the wire's, the application's and the caller's figure beside what is usual",
        "none is above the usual 99th percentile and above three median deviations",
        "",
        "Nothing needs doing for this sample alone.",
        _usual,
        final=True,
    ),
)

HOST_RULES: tuple[Rule[Facts], ...] = (
    Rule(
        "host-stalled",
        Layer.HOST,
        "late wake-ups of the canary and the event loop, garbage collections",
        "they cover 20 % of the excess or more",
        "half of the excess or more lies between this process and its kernel's stamps",
        "Pin the process to a processor that is kept free of others, and see what else ran there "
        "(fixgate host); if it is the collector or the event loop, look at the process itself.",
        _stalled,
    ),
    Rule(
        "kernel-queue",
        Layer.STACK,
        "from the kernel's queue (SCHED) to the wire (SND)",
        "half of the excess or more lies there",
        "the process was not held up meanwhile, and the peer did not keep us from sending",
        "Look at the queueing discipline and the driver (tc -s qdisc, ethtool -S, ethtool -c).",
        _kernel_queue,
    ),
    Rule(
        "network-card",
        Layer.STACK,
        "the card's own round trip beside the kernel's",
        "half of the excess or more lies between them",
        "always: both ends of it are on this host",
        "Look at interrupt coalescing (ethtool -c), at which CPU takes the card's interrupts, and "
        "at softnet's time_squeeze (fixgate host).",
        _card,
    ),
    Rule(
        "held-back",
        Layer.STACK,
        "from the application to the kernel's queue, and what is unacknowledged (Nagle)",
        "half of the excess or more lies there, it is about 40 ms, and segments are unacknowledged",
        "",
        "Set TCP_NODELAY on this side, or write each message with one call.",
        _nagle,
    ),
    Rule(
        "host-late",
        Layer.HOST,
        "from due to written, to the kernel, and from the kernel to the application",
        "half of the excess or more lies there, and neither the peer's window nor a loss kept the "
        "kernel from sending",
        "the reply was in our kernel (its own stamp), or nothing that TCP waits for was open",
        "See what this process did then, where its interrupts go (/proc/interrupts) and whether "
        "softnet was squeezed (fixgate host).",
        _application,
    ),
    Rule(
        "send-buffer",
        Layer.STACK,
        "tcpi_sndbuf_limited",
        "it grew by half of the excess or more",
        "",
        "Enlarge the send buffer, or send in smaller bursts.",
        _send_buffer,
    ),
)

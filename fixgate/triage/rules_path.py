"""Rules about the way between the two kernels, and a peer that does not read."""

from __future__ import annotations

from fixgate.triage.excess import MOST, SOME
from fixgate.triage.facts import Facts
from fixgate.triage.model import Confidence, Exchange, Layer
from fixgate.triage.network import ROOM_BYTES
from fixgate.triage.rule import Found, Rule
from fixgate.triage.spans import Span
from fixgate.triage.wording import percent, shown

__all__ = ["PATH_RULES"]

_TICKS_NS = 20_000_000
"""The kernel counts these times in ticks of 1 to 10 ms: less than two are none."""

_NAGLE_NS = (33_000_000, 48_000_000)
_TIMES_NOISE = 3


def _peer_reading(facts: Facts) -> Found | None:
    tcp = facts.tcp
    if tcp is None or not facts.excess_ns:
        return None
    closed = any(i.snd_wnd == 0 and i.notsent_bytes for i in (tcp.before, tcp.after))
    share = facts.part(tcp.rwnd_limited_ns)
    if share < SOME and not closed:
        return None
    evidence = (
        ("waited for the peer's window", shown(tcp.rwnd_limited_ns)),
        ("window", f"{tcp.before.snd_wnd} bytes before, {tcp.after.snd_wnd} after"),
        ("not sent", f"{tcp.before.notsent_bytes} bytes before, {tcp.after.notsent_bytes} after"),
        ("unacknowledged", f"{tcp.before.unacked} segments before, {tcp.after.unacked} after"),
    )
    text = (
        f"Sending waited {shown(tcp.rwnd_limited_ns)} for the peer's window, of an excess of "
        f"{shown(facts.excess_ns)}: the peer did not read."
    )
    if share >= MOST and tcp.rwnd_limited_ns >= _TICKS_NS:
        return Found(Confidence.HIGH, text, evidence)
    likely = closed or share >= MOST
    return Found(Confidence.MEDIUM if likely else Confidence.LOW, text, evidence)


def _drops(facts: Facts) -> int | None:
    """Return what this host itself dropped meanwhile; ``None`` where nobody counted."""
    windows = facts.context.windows
    if not windows:
        return None
    softnet = sum(cpu.dropped for each in windows for cpu in each.softnet)
    cards = sum(
        card.rx_dropped + card.rx_errors + card.tx_dropped + card.tx_errors
        for each in windows
        for card in each.interfaces
    )
    sockets = sum(
        (each.grown.tcp_backlog_drop or 0) + (each.grown.tcp_rcvq_drop or 0) for each in windows
    )
    return softnet + cards + sockets


def _lossy(facts: Facts) -> bool:
    """Whether the excess lies where a loss can put it."""
    return facts.share(Span.WAIT, Span.OUT, Span.QUEUE, facts.remote) >= MOST


def _local_drop(facts: Facts) -> Found | None:
    dropped = _drops(facts)
    lost = facts.lost or (facts.tcp is not None and facts.tcp.ooo)
    if not dropped or not lost or not _lossy(facts):
        return None
    text = f"Segments were lost while this host itself dropped {dropped} packet(s)."
    return Found(Confidence.MEDIUM, text, (("dropped here", str(dropped)),))


def _loss(facts: Facts) -> Found | None:
    if not facts.retransmitted or not _lossy(facts):
        return None
    tcp, early_ns = facts.tcp, facts.early_ack_ns
    text = f"{facts.retransmitted} segment(s) of ours were sent again while we waited"
    evidence = [("sent again", str(facts.retransmitted))]
    if tcp is not None:
        evidence += [("the peer had twice", str(tcp.dsack)), ("out of order", str(tcp.ooo))]
    if facts.rung is not None:
        evidence.append(("timeout", f"{shown(facts.rto_ns)}, {facts.rung} in a row"))
    if early_ns is not None and facts.part(early_ns) < MOST:
        text += f", yet the request was acknowledged after {shown(early_ns)}, long before the reply"
        return Found(Confidence.LOW, f"{text}.", tuple(evidence))
    if not facts.lost:
        text += ", and needlessly: the peer had them, and put its acknowledgement off"
        return Found(Confidence.LOW, f"{text}.", tuple(evidence))
    if tcp is not None and tcp.dsack:
        text += ", and the peer had them twice: their acknowledgement or the reply was lost"
        sure = facts.came_back_late and facts.wire_is_sound
        return Found(Confidence.HIGH if sure else Confidence.MEDIUM, f"{text}.", tuple(evidence))
    text += f"; the excess is {shown(facts.excess_ns)}"
    return Found(_loss_confidence(facts), f"{text}.", tuple(evidence))


def _loss_confidence(facts: Facts) -> Confidence:
    """Return how sure it is that a loss on the way there made the excess."""
    tcp = facts.tcp
    if tcp is None or _drops(facts) != 0 or facts.rung is None or not facts.is_remote:
        return Confidence.MEDIUM
    room = min(tcp.before.snd_wnd, tcp.after.snd_wnd) >= ROOM_BYTES and not tcp.rwnd_limited_ns
    alone = facts.enough and facts.part(facts.stalled_ns) < SOME
    return Confidence.HIGH if room and alone else Confidence.MEDIUM


def _loss_toward_us(facts: Facts) -> Found | None:
    tcp = facts.tcp
    if tcp is None or not tcp.ooo or facts.lost or not facts.is_remote:
        return None
    text = f"{tcp.ooo} segment(s) of the peer's came out of order: what was before them was late"
    late = facts.came_back_late
    text += " and so was this reply, by its SendingTime(52)." if late else " or lost."
    sure = late and facts.wire_is_sound and _drops(facts) == 0
    confidence = Confidence.HIGH if sure else Confidence.MEDIUM
    return Found(confidence, text, (("out of order", str(tcp.ooo)),))


def _timeout_like(facts: Facts) -> Found | None:
    if facts.tcp is None or facts.retransmitted or not facts.is_remote or facts.rung is None:
        return None
    text = (
        f"The excess of {shown(facts.excess_of(facts.remote))} is as long as {facts.rung} of TCP's "
        "timeouts; nothing of ours was sent again, so it would be the peer that did."
    )
    return Found(Confidence.LOW, text)


def _delayed_ack(facts: Facts) -> Found | None:
    low, high = _NAGLE_NS
    excess_ns = facts.excess_of(facts.remote)
    if not facts.is_remote or not low <= excess_ns <= high or facts.early_ack_ns is not None:
        return None
    text = (
        f"The excess of {shown(excess_ns)} is as long as an acknowledgement is put off: the peer "
        "may hold back small writes until it has one (Nagle)."
    )
    return Found(Confidence.LOW, text)


def _path(facts: Facts) -> Found | None:
    if not facts.is_remote or facts.sample.kind is Exchange.TCP:
        return None
    evidence = []
    connect_ns, least_ns = facts.connect_excess_ns, facts.min_rtt_excess_ns
    by_connect = connect_ns is not None and facts.part(connect_ns) >= MOST
    by_least = least_ns is not None and facts.part(least_ns) >= MOST
    if by_connect and connect_ns is not None:
        fastest_ns = min(each.rtt_ns for each in facts.near_connects)
        evidence.append(("TCP connect then", shown(fastest_ns)))
        evidence.append(("TCP connect usually", shown(fastest_ns - connect_ns)))
    if by_least and least_ns is not None:
        evidence.append(("tcpi_min_rtt above the usual round trip", shown(least_ns)))
    if not evidence or (connect_ns is not None and not by_connect):
        return None
    text = (
        "The two kernels' own round trip was slower as well, by "
        f"{shown(max(connect_ns or 0, least_ns or 0))} of an excess of {shown(facts.excess_ns)}."
    )
    return Found(_path_confidence(facts, by_least=by_least), text, tuple(evidence))


def _path_confidence(facts: Facts, *, by_least: bool) -> Confidence:
    connect_ns = facts.connect_excess_ns
    if connect_ns is None or not facts.wire_is_sound or facts.lost:
        return Confidence.MEDIUM
    slow = [c for c in facts.near_connects if c.by_kernel]
    kernels = len(slow) == len(facts.near_connects) >= 2
    plain = connect_ns >= _TIMES_NOISE * facts.connect_noise_ns
    alike = connect_ns <= 2 * facts.excess_ns
    sure = alike and (by_least or (kernels and facts.connects_enough and plain))
    return Confidence.HIGH if sure else Confidence.MEDIUM


def _on_the_way_back(facts: Facts) -> Found | None:
    if not facts.is_remote or not facts.came_back_late:
        return None
    excess_ns = facts.excess_of(Span.FROM_VENUE)
    text = (
        f"The reply took {shown(excess_ns)} longer than usual from its SendingTime(52) to our wire."
    )
    connect_ns = facts.connect_excess_ns
    clean = connect_ns is not None and facts.part(connect_ns) < SOME
    evidence = (("share of the excess", percent(facts.part(excess_ns))),)
    if clean:
        text = f"{text} The line was well then: it may have left the venue later than it says."
        return Found(Confidence.LOW, text, evidence, Layer.GATEWAY)
    # Without a connect it may as well have waited in a queue of the venue's, stamped already.
    return Found(Confidence.LOW if connect_ns is None else Confidence.MEDIUM, text, evidence)


def _connect(facts: Facts) -> Found | None:
    if facts.sample.kind is not Exchange.TCP or facts.part(facts.stalled_ns) >= SOME:
        return None
    text = f"The connection took {shown(facts.sample.app_ns)} to stand, the two kernels' affair."
    return Found(Confidence.MEDIUM, text)


def _carrier(facts: Facts) -> Found | None:
    if not facts.is_remote:
        return None
    others = [e for e in facts.context.elsewhere if e.same_venue is False and 2 * e.slow > e.count]
    if not others:
        return None
    names = ", ".join(each.session for each in others)
    together = all(each.same_path for each in others)
    text = f"Sessions with other venues were slow at the same time: {names}."
    return Found(Confidence.MEDIUM if together else Confidence.LOW, text)


PATH_RULES: tuple[Rule[Facts], ...] = (
    Rule(
        "peer-not-reading",
        Layer.PEER_READING,
        "tcpi_rwnd_limited, the peer's window, what is not sent",
        "sending waited for the peer's window through 20 % of the excess, or it is closed now",
        "it waited for it through half of the excess or more, and for some ticks of the kernel",
        "Tell the venue that its gateway stopped reading this session: its window was closed; "
        "send less until it reads.",
        _peer_reading,
    ),
    Rule(
        "local-drop",
        Layer.STACK,
        "drops of softnet, of network cards and of sockets, beside a loss",
        "this host dropped packets in the window in which segments were lost",
        "",
        "Enlarge the rings and backlogs that drop (ethtool -g, net.core.netdev_max_backlog), and "
        "see which CPU takes the interrupts.",
        _local_drop,
    ),
    Rule(
        "loss",
        Layer.PATH,
        "tcpi_total_retrans, tcpi_dsack_dups, the retransmission timeout",
        "segments of ours were sent again between request and reply",
        "nothing was dropped here, the peer had nothing twice and room for it, and the excess is "
        "as long as TCP's timeouts; or the venue's SendingTime(52) says that its reply was lost",
        "Have the line looked at in the direction to the venue: errors and drops on every port, "
        "policers at the carrier.",
        _loss,
    ),
    Rule(
        "loss-toward-us",
        Layer.PATH,
        "tcpi_rcv_ooopack",
        "segments of the peer's came out of order, and none of ours was sent again",
        "the venue's SendingTime(52) says that the reply had left in time, and this host dropped "
        "nothing",
        "Have the line looked at in the direction from the venue, and our own card for drops "
        "(ethtool -S).",
        _loss_toward_us,
    ),
    Rule(
        "path",
        Layer.PATH,
        "TCP connects near in time, tcpi_min_rtt",
        "they are slower than usual by half of the excess or more",
        "the kernel measured two connects within moments, far above what connects vary by, or "
        "tcpi_min_rtt says so as well",
        "Compare with sessions that share the line, and have the carrier look for a detour or a "
        "full link.",
        _path,
    ),
    Rule(
        "connect",
        Layer.PATH,
        "a TCP connect itself",
        "it was slow, and this process was not held up",
        "",
        "Connect again; if it stays slow, look at the line, and ask the venue whether its "
        "listener's queue is full.",
        _connect,
    ),
    Rule(
        "way-back",
        Layer.PATH,
        "how far SendingTime(52) lies before our wire, beside what is usual",
        "it is farther by half of the excess or more, and the venue's stamps are finer than that",
        "",
        "Look for loss and queues in the direction from the venue; ask the venue whether its "
        "gateway stamps SendingTime(52) before its own output queue.",
        _on_the_way_back,
    ),
    Rule(
        "several-venues",
        Layer.PATH,
        "sessions with other venues at the same time",
        "most of their samples were slow on the wire as well",
        "",
        "Look at what they share: this host, its switch, the carrier.",
        _carrier,
    ),
    Rule(
        "timeout-like",
        Layer.PATH,
        "whether the excess is as long as TCP's timeouts, 200 ms doubled and doubled again",
        "it is, and none of our segments was sent again",
        "",
        "Look for loss in the direction from the venue; a capture at this host's port tells "
        "whether the reply came twice.",
        _timeout_like,
    ),
    Rule(
        "delayed-ack",
        Layer.GATEWAY,
        "whether the excess is about 40 ms",
        "it is, and the request was not acknowledged before the reply",
        "",
        "Check that TCP_NODELAY is set on both sides, and ask the venue whether its gateway "
        "writes a reply in pieces.",
        _delayed_ack,
    ),
)

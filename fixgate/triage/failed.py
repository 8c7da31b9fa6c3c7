"""What a failed check says about the layer at fault: by TCP's own account. Pure.

A check that waited in vain knows nothing of the other side but what its own kernel knows: whether
the peer's kernel has acknowledged what was asked, whether it has room for more, what was sent
again. An acknowledgement without an answer is the peer's application; none at all is the path or
the peer's machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.host.stall import Stall
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.excess import MOST, stalled_ns
from fixgate.triage.model import Confidence, Layer, Verdict
from fixgate.triage.network import Tcp
from fixgate.triage.rule import Found, Rule
from fixgate.triage.wording import shown

__all__ = ["FAILURE_RULES", "Awaited", "Connecting", "Failure", "judge_failure"]

_ORDER = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
_LONG_NS = 1_000_000_000
"""Who has had a request for so long, and says nothing, is not merely slow."""


class Awaited(Enum):
    """What was waited for in vain; the value is what people read."""

    CONNECT = "TCP connection"
    HANDSHAKE = "TLS handshake"
    LOGON = "Logon"
    HEARTBEAT = "Heartbeat"
    ORDER = "answer to the order"
    LOGOUT = "Logout"


class Connecting(Enum):
    """How a TCP connection failed."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no answer"
    LOCAL = "not tried"


@dataclass(frozen=True, slots=True)
class Failure:
    """Something was asked, and did not come.

    Attributes:
        awaited: What.
        begin_ns: When it was asked for, nanoseconds since the epoch.
        end_ns: When the waiting ended.
        before: The connection before; ``None`` where that is not known.
        after: The connection at the end of the wait; ``None`` likewise.
        connecting: How connecting failed; ``None`` once a connection stood.
        heard: Messages of the peer's that came meanwhile.
        answered: TestRequests sent after it, and answered meanwhile.
        stalls: When this process was held up.
    """

    awaited: Awaited
    begin_ns: int
    end_ns: int
    before: TcpInfo | None = None
    after: TcpInfo | None = None
    connecting: Connecting | None = None
    heard: int = 0
    answered: int = 0
    stalls: tuple[Stall, ...] = ()

    @property
    def waited_ns(self) -> int:
        """How long it was waited for."""
        return max(self.end_ns - self.begin_ns, 0)

    @property
    def sent_again(self) -> int:
        """Segments of ours that were sent again meanwhile."""
        tcp = Tcp.between(self.before, self.after)
        in_a_row = self.after.retransmits if self.after is not None else 0
        return max(tcp.retrans if tcp is not None else 0, in_a_row)


def judge_failure(failure: Failure) -> Verdict:
    """Say in which layer it lies that something did not come.

    Returns:
        The verdict, the others that fired with it; unattributed when nothing tells.
    """
    fired = []
    for rule in FAILURE_RULES:
        found = rule.finds(failure)
        if found is not None:
            fired.append(
                Verdict(
                    found.layer or rule.layer,
                    found.confidence,
                    rule.name,
                    found.summary,
                    found.evidence,
                    rule.next_step,
                )
            )
    if not fired:
        text = f"Nothing tells why no {failure.awaited.value} came."
        return Verdict(Layer.UNATTRIBUTED, Confidence.NONE, "unattributed", text)
    first, *others = sorted(fired, key=lambda each: _ORDER.index(each.confidence))
    return Verdict(
        first.layer,
        first.confidence,
        first.rule,
        first.summary,
        first.evidence,
        first.next_step,
        tuple(others),
    )


def _stalled(failure: Failure) -> Found | None:
    held_ns = stalled_ns(failure.stalls, failure.begin_ns, failure.end_ns)
    if not failure.waited_ns or held_ns < MOST * failure.waited_ns:
        return None
    text = f"This process was held up for {shown(held_ns)} of {shown(failure.waited_ns)}."
    return Found(Confidence.MEDIUM, text)


_CONNECTING = {
    Connecting.REFUSED: (
        Layer.GATEWAY,
        Confidence.HIGH,
        "Its kernel answers, and nothing listens on the port.",
    ),
    Connecting.UNREACHABLE: (Layer.PATH, Confidence.MEDIUM, "There is no way to the host."),
    Connecting.NO_ANSWER: (Layer.PATH, Confidence.MEDIUM, "No packet came back."),
    Connecting.LOCAL: (Layer.HOST, Confidence.HIGH, "This host could not even try."),
}


def _connecting(failure: Failure) -> Found | None:
    if failure.connecting is None:
        return None
    layer, confidence, text = _CONNECTING[failure.connecting]
    return Found(confidence, text, (), layer)


def _window_closed(failure: Failure) -> Found | None:
    after = failure.after
    if after is None or after.snd_wnd or not after.notsent_bytes:
        return None
    text = (
        f"The venue's window is closed and {after.notsent_bytes} bytes of ours wait for it: it "
        "does not read what its kernel has."
    )
    return Found(Confidence.HIGH, text, _evidence(after))


def _unacknowledged(failure: Failure) -> Found | None:
    after = failure.after
    if after is None or not after.unacked or (not after.snd_wnd and after.notsent_bytes):
        return None
    if not failure.sent_again:
        text = f"{after.unacked} segment(s) of ours are not acknowledged yet."
        return Found(Confidence.LOW, text, _evidence(after))
    text = (
        f"{after.unacked} segment(s) of ours were never acknowledged, though sent again "
        f"{failure.sent_again} time(s): nothing comes back from the venue's kernel."
    )
    return Found(Confidence.MEDIUM, text, _evidence(after))


def _is_delivered(failure: Failure) -> bool:
    """Whether the peer's kernel has all that we said."""
    after = failure.after
    return after is not None and not after.unacked and not after.notsent_bytes


def _matching(failure: Failure) -> Found | None:
    after = failure.after
    if failure.awaited is not Awaited.ORDER or not failure.heard or not _is_delivered(failure):
        return None
    if failure.answered:
        text = f"The session answered {failure.answered} TestRequest(s) sent after the order."
        return Found(Confidence.HIGH, text, _evidence(after))
    text = f"The session sent {failure.heard} message(s) meanwhile: its gateway is alive."
    return Found(Confidence.MEDIUM, text, _evidence(after))


def _delivered(failure: Failure) -> Found | None:
    if not _is_delivered(failure) or failure.awaited is Awaited.CONNECT:
        return None
    text = (
        "The venue's kernel has acknowledged every byte of ours; in "
        f"{shown(failure.waited_ns)} its application has not answered."
    )
    layer = Layer.TLS if failure.awaited is Awaited.HANDSHAKE else Layer.GATEWAY
    long_enough = failure.waited_ns >= _LONG_NS and not failure.sent_again
    alone = failure.awaited is not Awaited.ORDER and not failure.heard
    confidence = Confidence.HIGH if long_enough and alone else Confidence.MEDIUM
    return Found(confidence, text, _evidence(failure.after), layer)


def _evidence(info: TcpInfo | None) -> tuple[tuple[str, str], ...]:
    if info is None:
        return ()
    return (
        ("unacknowledged", f"{info.unacked} segments"),
        ("not sent", f"{info.notsent_bytes} bytes"),
        ("timeouts in a row", str(info.retransmits)),
        ("window", f"{info.snd_wnd} bytes"),
    )


FAILURE_RULES: tuple[Rule[Failure], ...] = (
    Rule(
        "connecting",
        Layer.PATH,
        "how connecting failed",
        "the connection never stood; refused is the gateway's, no answer the path's",
        "refused by a reset, or not even tried",
        "Check the port and the way to it; compare with another host of the same venue.",
        _connecting,
    ),
    Rule(
        "held-up",
        Layer.HOST,
        "what held this process up",
        "it was held up through half of the wait or more",
        "",
        "Run the check again on a host that is not busy; see fixgate host.",
        _stalled,
    ),
    Rule(
        "window-closed",
        Layer.PEER_READING,
        "the peer's window, what is not sent",
        "the window is closed, and bytes of ours wait for it",
        "always",
        "Tell the venue that its gateway has stopped reading this connection: its kernel is full "
        "and its application does not take anything.",
        _window_closed,
    ),
    Rule(
        "unacknowledged",
        Layer.PATH,
        "what is unacknowledged, and how often it was sent again",
        "segments of ours are not acknowledged",
        "",
        "Have the line looked at, and ask the venue whether the machine itself is up: its kernel "
        "does not acknowledge what we send, so its application never saw it.",
        _unacknowledged,
    ),
    Rule(
        "matching-silent",
        Layer.MATCHING,
        "what else came while the order was not answered",
        "every byte is acknowledged, and the session went on",
        "a TestRequest sent after the order was answered",
        "Call the venue's matching or risk team: its gateway is alive and has the order.",
        _matching,
    ),
    Rule(
        "delivered",
        Layer.GATEWAY,
        "whether the peer's kernel has acknowledged everything",
        "it has, and no answer came",
        "nothing came at all for a second or more, and nothing had to be sent again",
        "Ask the venue about the process behind this port: its machine takes what we send, the "
        "process does not answer.",
        _delivered,
    ),
)
"""In the order in which they are asked; the surest is the verdict."""

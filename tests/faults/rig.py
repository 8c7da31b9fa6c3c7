"""One connection through an injector, in words.

Messages are bodies such as ``35=D|34=2|55=ABC``; what is taken out is written with ``|`` too.
"""

from __future__ import annotations

import random

from fixgate.faults import ANY, ArmedFault, Trigger, Way, build
from fixgate.faults.acts import End, Feed, Finish, Forget, Reset, Write
from fixgate.faults.injector import Injector
from tests.fixtext import fix, soh

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


def armed(name: str, way: Way | None = None, trigger: Trigger = ANY, as_: str = "", **params):
    """A fault of the catalogue, called by its name unless said otherwise."""
    from fixgate.faults import CATALOGUE

    return ArmedFault(as_ or name, build(name, params), way or CATALOGUE[name].ways[0], trigger)


class Rig:
    """An injector with a connection.

    Attributes:
        at: Seconds since the start.
    """

    def __init__(self, *faults: ArmedFault, seed: int = 7):
        self.at = 0.0
        self.injector = Injector(random.Random(seed))
        for fault in faults:
            self.injector.arm(fault, self.now_ns)
        self.passage = self.injector.connect(self.now_ns)

    @property
    def now_ns(self) -> int:
        return START + round(self.at * SECOND)

    def arm(self, fault: ArmedFault):
        self.injector.arm(fault, self.now_ns)

    def clear(self, name: str = "") -> list[str]:
        self.injector.clear(name, self.now_ns)
        return self.take()

    def out(self, *bodies: str | bytes) -> list[str]:
        """Send messages; return what has become of them by now."""
        for body in bodies:
            self.passage.outbound(_message(body), self.now_ns)
        return self.take()

    def come(self, *bodies: str | bytes) -> list[str]:
        """Let messages come from the peer; return what has become of them by now."""
        for body in bodies:
            self.passage.inbound(_message(body), self.now_ns)
        return self.take()

    def wait(self, seconds: float) -> list[str]:
        """Let time pass, with a look whenever something is due."""
        found: list[str] = []
        end = self.at + seconds
        while (due := self.passage.deadline_ns) is not None and due <= START + round(end * SECOND):
            self.at = max(self.at, (due - START) / SECOND)
            found += self.take()
        self.at = end
        return found + self.take()

    def take(self) -> list[str]:
        return [_shown(act) for act in self.passage.take(self.now_ns)]

    def did(self) -> list[str]:
        return [record.did for record in self.passage.records()]


def _message(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else fix(body)


def _shown(act) -> str:
    match act:
        case Write(data):
            return "> " + plain(data)
        case Feed(data):
            return "< " + plain(data)
        case Finish():
            return "> FIN"
        case End():
            return "< FIN"
        case Reset():
            return "RST"
        case Forget():
            return "forgotten"


def plain(data: bytes) -> str:
    """Return bytes with ``|`` for SOH; of a message that is right, its body without its frame."""
    text = data.replace(b"\x01", b"|").decode("latin-1")
    body = text.partition("|35=")[2].rpartition("10=")[0].removesuffix("|")
    if body and data == fix(f"35={body}"):
        return f"35={body}"
    return text


__all__ = ["SECOND", "START", "Rig", "armed", "fix", "plain", "soh"]

"""The steps of a scenario: a closed set of frozen values.

``on`` names the actor of ours that acts or looks: never the system under test, but for `Restart`
and `Ask`. Every step knows its place in the file and reads as a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from fixgate.faults import ArmedFault
from fixgate.scenario.expressions import Value
from fixgate.scenario.matching import MessageMatch

__all__ = [
    "Advance",
    "AnyOf",
    "ArmFault",
    "Ask",
    "Clear",
    "Connect",
    "Disconnect",
    "Expect",
    "ExpectClosed",
    "ExpectConnection",
    "ExpectSilence",
    "HowClosed",
    "Logout",
    "Never",
    "Parallel",
    "Place",
    "Repeat",
    "Restart",
    "Send",
    "SendRaw",
    "SetSeqNum",
    "Step",
    "StoreFate",
    "Wait",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step is written, and how it reads.

    Attributes:
        path: The file; of an included step, the fragment.
        line: Its line, from 1.
        text: The step in one line, such as ``expect Heartbeat(0) with TestReqID(112) = HELLO``.
        should: Not to meet it is a deviation, no failure. Expectations and `Never` only.
    """

    path: str
    line: int
    text: str
    should: bool = False


class HowClosed(Enum):
    """How a connection ends."""

    FIN = "fin"
    RST = "rst"
    SILENT = "silent"
    """We forget it without a packet: the peer's half stays open."""


class StoreFate(Enum):
    """What becomes of an actor's store when its process starts again."""

    KEPT = "kept"
    LOST = "lost"
    ROLLED_BACK = "rolled_back"
    """An older copy is put back: its last messages are unknown to it."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the connection; a venue lets clients connect from now on, and awaits one.

    Attributes:
        logon: Wait until both Logons are exchanged; else only for the connection. A client whose
            session is not to begin has ``False``: nothing is sent but what steps send.
    """

    place: Place
    on: str
    logon: bool
    within_ns: int


@dataclass(frozen=True, slots=True)
class Disconnect:
    """End the connection without a Logout."""

    place: Place
    on: str
    how: HowClosed


@dataclass(frozen=True, slots=True)
class Logout:
    """Log out and wait until the connection has ended in order."""

    place: Place
    on: str
    text: str
    within_ns: int


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message.

    Without MsgSeqNum(34) among the fields the session numbers and stores it, and whatever is given
    of the header takes the place of what the session writes. With MsgSeqNum(34) it goes beside
    the session: the session's own numbers do not move.

    Attributes:
        msg_type: MsgType(35).
        fields: ``(tag, value)`` in the order of the message, required ones filled in, groups
            flattened. BodyLength(9) and CheckSum(10) are always right; see `SendRaw`.
        name: How expressions call the message afterwards, or empty.
    """

    place: Place
    on: str
    msg_type: bytes
    fields: tuple[tuple[int, Value], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class SendRaw:
    """Write bytes beside the session.

    Attributes:
        data: What is written, ``|`` already SOH. ``9=@``, ``10=@``, ``34=@`` and ``52=@`` are the
            length, the sum, the session's next number and the time when it is sent; ``8=@``,
            ``49=@`` and ``56=@`` who speaks to whom.
    """

    place: Place
    on: str
    data: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """The next message from the system under test is one that matches.

    Heartbeat(0), TestRequest(1) and the scenario's ``ignore`` are passed over unless they match.
    Anything else that comes instead fails the step.

    Attributes:
        name: How expressions call the message afterwards, or empty.
    """

    place: Place
    on: str
    match: MessageMatch
    within_ns: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class ExpectClosed:
    """The system under test closes the connection.

    Attributes:
        how: FIN or RST, or ``None`` for either.
    """

    place: Place
    on: str
    how: HowClosed | None
    within_ns: int


@dataclass(frozen=True, slots=True)
class ExpectConnection:
    """A client under test connects to our venue, which lets it."""

    place: Place
    on: str
    within_ns: int


@dataclass(frozen=True, slots=True)
class ExpectSilence:
    """Nothing comes for so long, but what is passed over; the connection stays."""

    place: Place
    on: str
    for_ns: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several sequences of expectations comes true: every one is followed at once."""

    place: Place
    alternatives: tuple[tuple[Expectation, ...], ...]


@dataclass(frozen=True, slots=True)
class Never:
    """From now on no message that matches may come, until cleared by name, or the end."""

    place: Place
    on: str
    match: MessageMatch
    name: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass; everybody goes on as they are."""

    place: Place
    for_ns: int


@dataclass(frozen=True, slots=True)
class ArmFault:
    """Something begins to go wrong on an actor's connection."""

    place: Place
    on: str
    armed: ArmedFault


@dataclass(frozen=True, slots=True)
class Clear:
    """A fault or a `Never` ends.

    Attributes:
        name: Which; empty for all faults of the actor.
    """

    place: Place
    on: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Restart:
    """An actor's process ends, without a Logout, and starts again.

    Attributes:
        actor: Which; may be the system under test.
        store: What becomes of its store.
        lost: How many of its last messages an older copy lacks.
    """

    place: Place
    actor: str
    store: StoreFate
    lost: int = 0
    down_ns: int = 0


@dataclass(frozen=True, slots=True)
class SetSeqNum:
    """Set the numbers of an actor's own session; ``None`` leaves one as it is."""

    place: Place
    on: str
    next_out: Value | None
    next_in: Value | None


@dataclass(frozen=True, slots=True)
class Advance:
    """Let hours pass in the virtual world.

    Attributes:
        by_ns: How long; ``None`` when ``to`` is given.
        to: Time of day, UTC, nanoseconds since midnight: the next time it comes.
    """

    place: Place
    by_ns: int | None
    to_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Have the system under test do something.

    A person is told the text, or a program is run; the simulated one plays ``does``.

    Attributes:
        text: What it is to do, in words.
        does: What the simulated one does, as a step of its own: `Send`, `Logout`, `Connect` or
            `Disconnect`; ``None`` where it is so already.
    """

    place: Place
    text: str
    does: Send | Logout | Connect | Disconnect | None


@dataclass(frozen=True, slots=True)
class Parallel:
    """Several sequences of steps at once; all must end well."""

    place: Place
    branches: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same steps several times.

    Attributes:
        times: How often, 1 to 100 000.
        counter: How expressions call the number of the round, from 1; or empty.
    """

    place: Place
    times: int
    steps: tuple[Step, ...]
    counter: str = ""


Expectation: TypeAlias = Expect | ExpectClosed | ExpectConnection | ExpectSilence

Step: TypeAlias = (
    Connect
    | Disconnect
    | Logout
    | Send
    | SendRaw
    | Expectation
    | AnyOf
    | Never
    | Wait
    | ArmFault
    | Clear
    | Restart
    | SetSeqNum
    | Advance
    | Ask
    | Parallel
    | Repeat
)

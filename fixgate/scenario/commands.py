"""What the player has a world do. Every command has a number, by which the world answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fixgate.faults import ArmedFault
from fixgate.scenario.steps import Ask, HowClosed, StoreFate

__all__ = [
    "ArmIt",
    "AskIt",
    "ClearIt",
    "Command",
    "ConnectIt",
    "DisconnectIt",
    "LogoutIt",
    "RestartIt",
    "SendIt",
    "SendRawIt",
    "SetNumbersIt",
]


@dataclass(frozen=True, slots=True)
class ConnectIt:
    """Connect, or let clients connect; `Opened` and `LoggedOn` follow, or `NotDone`."""

    number: int
    on: str
    logon: bool


@dataclass(frozen=True, slots=True)
class DisconnectIt:
    """End the connection without a Logout."""

    number: int
    on: str
    how: HowClosed


@dataclass(frozen=True, slots=True)
class LogoutIt:
    """Send a Logout through the session."""

    number: int
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class SendIt:
    """Send a message; `Sent` follows. With MsgSeqNum(34) it goes beside the session."""

    number: int
    on: str
    msg_type: bytes
    fields: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class SendRawIt:
    """Write bytes beside the session; `Sent` follows."""

    number: int
    on: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ArmIt:
    """Let a fault act from now on."""

    number: int
    on: str
    armed: ArmedFault


@dataclass(frozen=True, slots=True)
class ClearIt:
    """Let a fault act no more; an empty name is all of them."""

    number: int
    on: str
    name: str


@dataclass(frozen=True, slots=True)
class RestartIt:
    """End an actor's process, and start it again; `Done` or `NotDone` follows."""

    number: int
    actor: str
    store: StoreFate
    lost: int
    down_ns: int


@dataclass(frozen=True, slots=True)
class SetNumbersIt:
    """Set sequence numbers of a session of ours; ``None`` leaves one as it is."""

    number: int
    on: str
    next_out: int | None
    next_in: int | None


@dataclass(frozen=True, slots=True)
class AskIt:
    """Have the system under test do something; `Asked` follows, or `NotDone`.

    Attributes:
        fields: Those of a message that the simulated one sends, worked out.
    """

    number: int
    ask: Ask
    fields: tuple[tuple[int, bytes], ...] = ()


Command: TypeAlias = (
    ConnectIt
    | DisconnectIt
    | LogoutIt
    | SendIt
    | SendRawIt
    | ArmIt
    | ClearIt
    | RestartIt
    | SetNumbersIt
    | AskIt
)

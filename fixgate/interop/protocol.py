"""What QuickFIX's process and whoever started it tell each other: one JSON object a line.

Commands go in on stdin, events come out on stdout; the end of stdin ends the process. Bytes of
messages travel as text, one character a byte (latin-1), so that nothing is lost.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import Enum

from fixgate.errors import FixgateError

__all__ = [
    "AskNumbers",
    "Command",
    "Disconnect",
    "EventKind",
    "Fields",
    "LineError",
    "LogOn",
    "LogOut",
    "PeerEvent",
    "Send",
    "SendOrders",
    "SetNumbers",
    "Stop",
    "read_command",
    "read_event",
    "write_command",
    "write_event",
]

Fields = tuple[tuple[int, str], ...]
"""Tags and values, in order."""


class LineError(FixgateError):
    """A line is no command, or no event; the text shows it."""


@dataclass(frozen=True, slots=True)
class LogOn:
    """Let a session log on; an initiator connects, once.

    Attributes:
        session: Its name, ``FIX.4.4:OURS->THEIRS``.
        fields: Put into the Logon, such as Username(553) and Password(554).
        header: Put into the header of every message, such as SenderSubID(50).
        port: Where an initiator connects to; 0 for the port of the settings.
        next_out: MsgSeqNum(34) of the Logon; ``None`` takes the store's.
        next_in: MsgSeqNum(34) it expects; ``None`` takes the store's.
    """

    session: str
    fields: Fields = ()
    header: Fields = ()
    port: int = 0
    next_out: int | None = None
    next_in: int | None = None


@dataclass(frozen=True, slots=True)
class LogOut:
    """Send a Logout, and do not log on again before `LogOn`."""

    session: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection without a Logout."""

    session: str


@dataclass(frozen=True, slots=True)
class AskNumbers:
    """Tell the session's sequence numbers; an event `EventKind.NUMBERS` answers."""

    session: str


@dataclass(frozen=True, slots=True)
class SetNumbers:
    """Move the sequence numbers in the store, back or forth; answered as `AskNumbers`.

    Attributes:
        session: Its name.
        next_out: MsgSeqNum(34) of the next message it sends, or ``None`` to leave it.
        next_in: MsgSeqNum(34) it expects next, or ``None`` to leave it.
    """

    session: str
    next_out: int | None = None
    next_in: int | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message, of the application or of the session (a TestRequest, say).

    Attributes:
        session: Its name.
        msg_type: MsgType(35).
        fields: The body, repeating groups included, and fields of the header beyond the usual.
            Values are text, one character a byte (latin-1), as messages are in events.
    """

    session: str
    msg_type: str
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class SendOrders:
    """Send limit orders far from the market, ClOrdID(11) ``prefix`` and 1 to ``count``."""

    session: str
    count: int
    prefix: str = "QF"


@dataclass(frozen=True, slots=True)
class Stop:
    """Log everyone out, with this Text(58), and end."""

    text: str = ""


Command = LogOn | LogOut | Disconnect | AskNumbers | SetNumbers | Send | SendOrders | Stop

_COMMANDS: dict[str, type[Command]] = {
    "log_on": LogOn,
    "log_out": LogOut,
    "disconnect": Disconnect,
    "ask_numbers": AskNumbers,
    "set_numbers": SetNumbers,
    "send": Send,
    "send_orders": SendOrders,
    "stop": Stop,
}
_NAMES = {command: name for name, command in _COMMANDS.items()}


class EventKind(Enum):
    """What QuickFIX's process has to tell; the middle ones are QuickFIX's own callbacks."""

    READY = "ready"
    """It listens on ``port``, or may be told to connect; ``text`` names what is loaded."""
    LOGON = "onLogon"
    LOGOUT = "onLogout"
    TO_ADMIN = "toAdmin"
    FROM_ADMIN = "fromAdmin"
    TO_APP = "toApp"
    FROM_APP = "fromApp"
    NUMBERS = "numbers"
    MOVED = "moved"
    """The sequence numbers are others than told last; only when the settings ask for it."""
    SAID = "said"
    """``text`` is a line of QuickFIX's event log; only when the settings ask for it."""
    PROBLEM = "problem"
    """A command could not be obeyed; ``text`` says why."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PeerEvent:
    """Something that QuickFIX's process saw.

    Attributes:
        kind: What.
        at_ns: When, by its own clock: nanoseconds since the epoch, UTC.
        session: Whose, ``FIX.4.4:OURS->THEIRS`` from its side; empty for READY and STOPPED.
        message: The message as QuickFIX writes it, for the four message kinds. QuickFIX shows
            what it sends before it is final: a Logon with ResetSeqNumFlag(141)=Y still has the
            number from before.
        next_out: MsgSeqNum(34) of the next message it sends, for NUMBERS and MOVED.
        next_in: MsgSeqNum(34) it expects next, for NUMBERS and MOVED.
        port: Where it listens, for READY; 0 for an initiator.
        text: See `EventKind`.
    """

    kind: EventKind
    at_ns: int
    session: str = ""
    message: bytes = b""
    next_out: int = 0
    next_in: int = 0
    port: int = 0
    text: str = ""

    def field(self, tag: int) -> str | None:
        """Return the first value of a field of the message, or ``None``."""
        start = self.message.find(b"\x01%d=" % tag)
        if tag == 8 or start < 0:
            return self.message[2 : self.message.find(b"\x01")].decode() if tag == 8 else None
        value = self.message[start + 1 :].partition(b"\x01")[0].partition(b"=")[2]
        return value.decode("latin-1")

    @property
    def msg_type(self) -> str:
        """MsgType(35) of the message, or empty."""
        return self.field(35) or ""


def write_command(command: Command) -> str:
    """Return the line of a command, its end included."""
    return json.dumps({"do": _NAMES[type(command)], **asdict(command)}) + "\n"


def read_command(line: str) -> Command:
    """Return the command of a line.

    Raises:
        LineError: It is none.
    """
    try:
        values = json.loads(line)
        command = _COMMANDS[values.pop("do")]
        for name in ("fields", "header"):
            if name in values:
                values[name] = tuple((int(tag), str(value)) for tag, value in values[name])
        return command(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LineError(f"not a command: {line.strip()[:200]!r} ({error})") from error


def write_event(event: PeerEvent) -> str:
    """Return the line of an event, its end included; what is empty is left out."""
    values: dict[str, str | int] = {"event": event.kind.value, "at_ns": event.at_ns}
    for each in fields(event)[2:]:
        value = getattr(event, each.name)
        if value:
            values[each.name] = value.decode("latin-1") if isinstance(value, bytes) else value
    return json.dumps(values) + "\n"


def read_event(line: str) -> PeerEvent:
    """Return the event of a line.

    Raises:
        LineError: It is none.
    """
    try:
        values = json.loads(line)
        kind = EventKind(values.pop("event"))
        values["message"] = values.get("message", "").encode("latin-1")
        return PeerEvent(kind, **values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LineError(f"not an event: {line.strip()[:200]!r} ({error})") from error

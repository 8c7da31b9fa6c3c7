"""QuickFIX as a counterparty, in a process of its own: ``python -m fixgate.interop.quickfix_peer``.

The only module that imports QuickFIX's Python binding. It takes its settings
(`fixgate.interop.settings`) and then commands on stdin, tells what QuickFIX sees on stdout
(`fixgate.interop.protocol`), and ends when stdin does: whoever started it, and was killed, leaves
no process behind.

Theory of operation
-------------------
One thread drives everything: commands are taken between two polls of the engine, so QuickFIX's
state is never touched from two sides, and what a command does is on the wire a millisecond
later (QuickFIX's own loop looks at its timers once a second). A second thread only reads stdin.
An initiator connects when it is told to `LogOn`, and once: after the end of a session it stays
away until it is told again.
"""

from __future__ import annotations

import hmac
import importlib
import os
import queue
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, assert_never

from fixgate.errors import EngineUnavailable, FixgateError
from fixgate.interop.compose import Composer
from fixgate.interop.desk import Desk, order
from fixgate.interop.distribution import INSTALL, find_distribution
from fixgate.interop.engine import Engine
from fixgate.interop.protocol import (
    AskNumbers,
    Command,
    Disconnect,
    EventKind,
    Fields,
    LogOn,
    LogOut,
    PeerEvent,
    Send,
    SendOrders,
    SetNumbers,
    Stop,
    read_command,
    write_event,
)
from fixgate.interop.settings import PeerRole, PeerSession, PeerSettings, read_settings
from fixgate.interop.words import make_logs

if TYPE_CHECKING:
    import quickfix

__all__ = ["main"]

_PAUSE_S = 0.001
"""Between two polls of an idle engine; costs 2 % of a core."""

_STOP_S = 3.0
"""How long peers may take to confirm a Logout; and, after the end of stdin, we to end."""

_MESSAGE_KINDS = (
    EventKind.TO_ADMIN,
    EventKind.FROM_ADMIN,
    EventKind.TO_APP,
    EventKind.FROM_APP,
)

_CREDENTIALS = (553, 554)
"""Username, Password."""

_Lines = queue.SimpleQueue[str | None]


class _Party:
    """One session: what it is, its engine, its book."""

    def __init__(self, session: PeerSession, engine: Engine) -> None:
        self.session = session
        self.engine = engine
        self.desk = Desk(session.version)
        self.logon_fields: Fields = ()
        self.header: Fields = ()
        self.numbers: tuple[int, int] | None = None
        """Told last; ``None`` before the first `LogOn`."""

    def admits(self, logon: quickfix.Message) -> bool:
        """Whether a Logon carries the credentials that the session demands, if any."""
        if self.session.credentials is None:
            return True
        carried = [logon.getField(t) if logon.isSetField(t) else "" for t in _CREDENTIALS]
        received, expected = "\x01".join(carried), "\x01".join(self.session.credentials)
        return hmac.compare_digest(
            received.encode("utf-8", "surrogateescape"), expected.encode("utf-8")
        )


class _Counterparty:
    """QuickFIX's engine, and what we make of its calls and of our commands.

    Args:
        qf: The binding.
        settings: What it is to be.

    Raises:
        FixgateError: It cannot listen, or QuickFIX does not take the settings.
    """

    def __init__(self, qf: ModuleType, settings: PeerSettings) -> None:
        self._qf = qf
        self._settings = settings
        accepts = settings.role is PeerRole.ACCEPTOR
        self._answers = accepts and settings.answers
        brought = find_distribution()
        folder = settings.dictionaries or brought.dictionaries
        self._composer = Composer(qf, folder, {each.version for each in settings.sessions})
        application, logs = self._make_application(), make_logs(qf, self._on_words)
        # The sessions of an acceptor share a port; each of an initiator has its own connection.
        shares = [settings.sessions] if accepts else [(s,) for s in settings.sessions]
        self._ready = False
        self._engines = [Engine(qf, application, logs, settings, s, folder) for s in shares]
        self._parties = {
            str(session): _Party(session, engine)
            for engine, share in zip(self._engines, shares, strict=True)
            for session in share
        }
        port = self._engines[0].port if accepts else 0
        self._tell(EventKind.READY, port=port, text=str(brought))
        self._ready = True

    def _tell(
        self,
        kind: EventKind,
        session: str = "",
        *,
        message: bytes = b"",
        numbers: tuple[int, int] = (0, 0),
        port: int = 0,
        text: str = "",
    ) -> None:
        event = PeerEvent(kind, time.time_ns(), session, message, *numbers, port, text)
        sys.stdout.write(write_event(event))
        sys.stdout.flush()

    # What QuickFIX calls.

    def _make_application(self) -> quickfix.Application:
        def seen(kind: EventKind) -> Callable[..., None]:
            return lambda _, message, session: self._on_message(kind, message, session.toString())

        calls: dict[str, Callable[..., None]] = {kind.value: seen(kind) for kind in _MESSAGE_KINDS}
        calls["onCreate"] = lambda *_: None
        calls["onLogon"] = lambda _, session: self._tell(EventKind.LOGON, session.toString())
        calls["onLogout"] = lambda _, session: self._on_logout(session.toString())
        # Made by hand: a class statement would import the binding with this module.
        return type("Application", (self._qf.Application,), calls)()

    def _on_logout(self, name: str) -> None:
        party = self._parties[name]
        party.engine.ended(party.session)
        self._tell(EventKind.LOGOUT, name)

    def _on_words(self, name: str, text: str) -> None:
        if self._ready and self._settings.tells_more:
            self._tell(EventKind.SAID, name, text=text)

    def _on_message(self, kind: EventKind, message: quickfix.Message, name: str) -> None:
        party = self._parties[name]
        header = message.getHeader()
        is_logon = header.getField(35) == "A"
        if kind in (EventKind.TO_ADMIN, EventKind.TO_APP):
            for tag, value in party.header:
                header.setField(tag, value)
        if kind is EventKind.TO_ADMIN and is_logon:
            for tag, value in party.logon_fields:
                message.setField(tag, value)
        if kind is EventKind.TO_APP and header.isSetField(43) and not self._settings.resends:
            raise self._qf.DoNotSend("not sent again")
        raw = message.toString().encode("utf-8", "surrogateescape")
        self._tell(kind, name, message=raw)
        if kind is EventKind.FROM_ADMIN and is_logon and not party.admits(message):
            raise self._qf.RejectLogon("Username(553) or Password(554) not accepted")
        serves = self._settings.serves
        if kind is EventKind.FROM_APP and serves is not None and header.getField(35) not in serves:
            raise self._qf.UnsupportedMessageType
        if kind is EventKind.FROM_APP and self._answers:
            answer = party.desk.answer(_first_values(raw), _transact_time())
            if answer is not None:
                self._send(party, answer.msg_type, answer.fields)

    def _send(self, party: _Party, msg_type: str, fields: Fields) -> None:
        message = self._composer.message(party.session.version, msg_type, fields)
        party.engine.send(party.session, message)

    # Commands.

    def run(self, lines: _Lines) -> None:
        """Obey until told to stop, or until the lines end."""
        while True:
            with suppress(queue.Empty):
                line = lines.get(timeout=_PAUSE_S)
                if line is None:
                    return
                session = ""
                try:
                    command = read_command(line)
                    if isinstance(command, Stop):
                        self._log_everyone_out(command.text)
                        break
                    session = command.session
                    self._obey(command)
                except FixgateError as error:
                    self._tell(EventKind.PROBLEM, session, text=str(error))
            self._poll()
        self._tell(EventKind.STOPPED)

    def _poll(self) -> None:
        for engine in self._engines:
            engine.poll()
        if self._settings.tells_more and self._settings.role is PeerRole.INITIATOR:
            for party in self._parties.values():
                self._tell_if_moved(party)

    def _tell_if_moved(self, party: _Party) -> None:
        if party.numbers is None:
            return
        numbers = _numbers(party)
        if numbers != party.numbers:
            party.numbers = numbers
            self._tell(EventKind.MOVED, str(party.session), numbers=numbers)

    def _obey(self, command: Command) -> None:
        if isinstance(command, Stop):
            return
        party = self._parties.get(command.session)
        if party is None:
            there = ", ".join(self._parties)
            raise FixgateError(f"no session {command.session!r}; there are {there}")
        match command:
            case LogOn(fields=fields, header=header):
                party.logon_fields, party.header = fields, header
                party.engine.connect(party.session, command.port, command.next_out, command.next_in)
                party.numbers = _numbers(party)
            case LogOut(text=text):
                party.engine.session(party.session).logout(text)
            case Disconnect():
                party.engine.session(party.session).disconnect()
            case AskNumbers():
                self._tell_numbers(party)
            case SetNumbers(next_out=next_out, next_in=next_in):
                session = party.engine.session(party.session)
                if next_out is not None:
                    session.setNextSenderMsgSeqNum(next_out)
                if next_in is not None:
                    session.setNextTargetMsgSeqNum(next_in)
                self._tell_numbers(party)
            case Send(msg_type=msg_type, fields=fields):
                self._send(party, msg_type, fields)
            case SendOrders(count=count, prefix=prefix):
                for number in range(1, count + 1):
                    body = order(party.session.version, f"{prefix}{number}", _transact_time())
                    self._send(party, "D", body)
            case _:
                assert_never(command)

    def _tell_numbers(self, party: _Party) -> None:
        self._tell(EventKind.NUMBERS, str(party.session), numbers=_numbers(party))

    def _log_everyone_out(self, text: str) -> None:
        sessions = [
            party.engine.session(party.session)
            for party in self._parties.values()
            if party.engine.made
        ]
        for session in sessions:
            session.logout(text)
        end_s = time.monotonic() + _STOP_S
        while time.monotonic() < end_s and any(each.isLoggedOn() for each in sessions):
            self._poll()
            time.sleep(_PAUSE_S)


def _numbers(party: _Party) -> tuple[int, int]:
    session = party.engine.session(party.session)
    return session.getExpectedSenderNum(), session.getExpectedTargetNum()


def _first_values(raw: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in raw.split(b"\x01"):
        tag, _, value = part.partition(b"=")
        if tag.isdigit():
            found.setdefault(int(tag), value.decode("utf-8", "surrogateescape"))
    return found


def _transact_time() -> str:
    """UTC to the second, which every version takes."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S")


def _read_lines(lines: _Lines) -> None:
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)
    # The other thread may hang, writing to somebody who no longer reads.
    time.sleep(_STOP_S)
    os._exit(1)


def _import_binding() -> ModuleType:
    """Import the binding, here and nowhere else.

    Raises:
        EngineUnavailable: It is not there, or it does not load.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # its generated code has some
            return importlib.import_module("quickfix")
    except ImportError as error:
        raise EngineUnavailable(f"QuickFIX's Python binding: {error}: {INSTALL}") from error


def main() -> int:
    """Run until stdin ends; return the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    line = sys.stdin.readline()
    if not line:
        return 0
    lines: _Lines = queue.SimpleQueue()
    try:
        counterparty = _Counterparty(_import_binding(), read_settings(line))
    except FixgateError as error:
        print(error, file=sys.stderr)
        return 3
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
    counterparty.run(lines)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by way of the interpreter's end: QuickFIX's objects would be torn down in any order.
    os._exit(status)

"""QuickFIX as a counterparty, in a process of its own: ``python -m fixgate.interop.quickfix_peer``.

The only module that imports QuickFIX's Python binding. It takes commands on stdin and tells what
QuickFIX sees on stdout (`fixgate.interop.protocol`), and ends when stdin does: whoever started
it, and was killed, leaves no process behind.

Theory of operation
-------------------
One thread drives everything: commands are taken between two polls of the engine, so QuickFIX's
state is never touched from two sides, and what a command does is on the wire a millisecond
later (QuickFIX's own loop would look at its timers once a second). A second thread only reads
stdin. An initiator connects when it is told to `LogOn`, and once: after the end of a session it
stays away until it is told again.

QuickFIX listens on every interface of the machine, whatever it is told; sessions here are let in
from the loopback only.
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from fixgate.dictionary.version import FixVersion
from fixgate.errors import EngineUnavailable, FixgateError
from fixgate.interop.desk import Desk, order
from fixgate.interop.distribution import INSTALL, find_distribution
from fixgate.interop.protocol import (
    AskNumbers,
    Command,
    Disconnect,
    EventKind,
    Fields,
    LineError,
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

if TYPE_CHECKING:
    import quickfix

__all__ = ["main"]

_PAUSE_S = 0.001
"""Between two polls of an idle engine: 2 % of a core."""

_STOP_S = 3.0
"""How long peers may take to confirm a Logout; and, after the end of stdin, we to end."""

_PORT_TRIES = 5
_LOOPBACK = "127.0.0.1"

_MESSAGE_KINDS = (
    EventKind.TO_ADMIN,
    EventKind.FROM_ADMIN,
    EventKind.TO_APP,
    EventKind.FROM_APP,
)


class _Party:
    """One session: its names, its version, its book."""

    def __init__(self, names: Sequence[str]) -> None:
        begin_string, ours, theirs, *rest = names
        version = FixVersion.of_session(begin_string, rest[0] if rest else None)
        if version is None or len(rest) > 1:
            raise FixgateError(f"--session {' '.join(names)}: no FIX version is called that")
        self.version = version
        self.ours = ours
        self.theirs = theirs
        self.desk = Desk(version)
        self.logon_fields: Fields = ()

    @property
    def name(self) -> str:
        """As QuickFIX writes it."""
        return f"{self.version.begin_string}:{self.ours}->{self.theirs}"


class _Counterparty:
    """QuickFIX's engine and what surrounds it.

    Args:
        arguments: The command line's.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._accepts: bool = arguments.role == "acceptor"
        self._parties = {party.name: party for party in map(_Party, arguments.session)}
        self._engine_name = find_distribution()
        self._ids: dict[str, quickfix.SessionID] = {}
        self._application = self._make_application()
        self._begun = False

    # What is told.

    def tell(self, kind: EventKind, session: str = "", **details: bytes | int | str) -> None:
        """Write an event."""
        event = PeerEvent(kind, time.time_ns(), session, **details)  # type: ignore[arg-type]
        sys.stdout.write(write_event(event))
        sys.stdout.flush()

    # The beginning.

    def start(self) -> None:
        """Make the engine, and let an acceptor listen.

        Raises:
            FixgateError: It cannot listen, or QuickFIX does not take the settings.
        """
        port = self._arguments.port
        for tries_left in reversed(range(_PORT_TRIES)):
            chosen = port or (_free_port() if self._accepts else 0)
            try:
                self._engine = self._make_engine(chosen)
                if self._accepts:
                    self._engine.poll()
                break
            except (_qf.ConfigError, _qf.RuntimeError) as error:
                if port or not tries_left or isinstance(error, _qf.ConfigError):
                    raise FixgateError(f"QuickFIX does not start: {error}") from error
        if not self._accepts:
            for name in self._parties:
                self._session(name).logout("")
        self.tell(EventKind.READY, port=chosen, text=str(self._engine_name))

    def _make_engine(self, port: int) -> quickfix.SocketAcceptor | quickfix.SocketInitiator:
        settings = self._settings(port)
        make = _qf.SocketAcceptor if self._accepts else _qf.SocketInitiator
        store, log = _qf.FileStoreFactory(settings), _qf.FileLogFactory(settings)
        return make(self._application, store, settings, log)

    def _settings(self, port: int) -> quickfix.SessionSettings:
        arguments = self._arguments
        common = {
            "ConnectionType": arguments.role,
            "StartTime": "00:00:00",
            "EndTime": "00:00:00",
            "FileStorePath": str(arguments.store),
            "FileLogPath": str(arguments.log),
            "SocketNodelay": "Y",
            "ReconnectInterval": "0",
            "HeartBtInt": str(arguments.heartbeat),
            "ResetOnLogon": "Y" if arguments.reset_on_logon else "N",
            "UseDataDictionary": "N",
        }
        if self._accepts:
            common |= {"SocketAcceptPort": str(port), "AllowedRemoteAddresses": _LOOPBACK}
        else:
            common |= {"SocketConnectHost": arguments.host, "SocketConnectPort": str(port)}
        settings = _qf.SessionSettings()
        settings.set(_dictionary(common))
        folder = arguments.dictionaries or self._engine_name.dictionaries
        for party in self._parties.values():
            session_id = _qf.SessionID(party.version.begin_string, party.ours, party.theirs)
            self._ids[party.name] = session_id
            settings.set(session_id, _dictionary(_version_settings(party.version, folder)))
        return settings

    # What QuickFIX calls.

    def _make_application(self) -> quickfix.Application:
        def message_seen(kind: EventKind) -> Callable[..., None]:
            def seen(_: object, message: quickfix.Message, session: quickfix.SessionID) -> None:
                self._message_seen(kind, message, session.toString())

            return seen

        def nothing(*_: object) -> None:
            pass

        def logged_on(_: object, session: quickfix.SessionID) -> None:
            self.tell(EventKind.LOGON, session.toString())

        def logged_out(_: object, session: quickfix.SessionID) -> None:
            name = session.toString()
            if not self._accepts:
                self._session(name).logout("")
            self.tell(EventKind.LOGOUT, name)

        calls = {kind.value: message_seen(kind) for kind in _MESSAGE_KINDS}
        calls |= {"onCreate": nothing, "onLogon": logged_on, "onLogout": logged_out}
        # Made by hand: a class statement would import the binding with this module.
        return type("Application", (_qf.Application,), calls)()

    def _message_seen(self, kind: EventKind, message: quickfix.Message, name: str) -> None:
        party = self._parties[name]
        if kind is EventKind.TO_ADMIN and message.getHeader().getField(35) == "A":
            for tag, value in party.logon_fields:
                message.setField(tag, value)
        raw = message.toString().encode("utf-8", "surrogateescape")
        self.tell(kind, name, message=raw)
        if kind is EventKind.FROM_APP and self._accepts:
            answer = party.desk.answer(_first_values(raw), _transact_time())
            if answer is not None:
                self._send(name, answer.msg_type, answer.fields)

    # Commands.

    def _session(self, name: str) -> quickfix.Session:
        return _qf.Session.lookupSession(self._ids[name])

    def obey(self, command: Command) -> bool:
        """Do what a command says; ``False`` when it was the last.

        Raises:
            FixgateError: It cannot be obeyed.
        """
        if isinstance(command, Stop):
            return False
        if command.session not in self._parties:
            known = ", ".join(self._parties)
            raise FixgateError(f"no session {command.session!r}; there are {known}")
        session = self._session(command.session)
        match command:
            case LogOn(fields=fields):
                self._parties[command.session].logon_fields = fields
                session.logon()
                self._begun = True
            case LogOut(text=text):
                session.logout(text)
            case Disconnect():
                session.disconnect()
            case AskNumbers():
                self._tell_numbers(command.session)
            case SetNumbers(next_out=next_out, next_in=next_in):
                if next_out is not None:
                    session.setNextSenderMsgSeqNum(next_out)
                if next_in is not None:
                    session.setNextTargetMsgSeqNum(next_in)
                self._tell_numbers(command.session)
            case Send(msg_type=msg_type, fields=fields):
                self._send(command.session, msg_type, fields)
            case SendOrders(count=count, prefix=prefix):
                version = self._parties[command.session].version
                for number in range(1, count + 1):
                    body = order(version, f"{prefix}{number}", _transact_time())
                    self._send(command.session, "D", body)
            case _:
                assert_never(command)
        return True

    def _tell_numbers(self, name: str) -> None:
        session = self._session(name)
        next_out, next_in = session.getExpectedSenderNum(), session.getExpectedTargetNum()
        self.tell(EventKind.NUMBERS, name, next_out=next_out, next_in=next_in)

    def _send(self, name: str, msg_type: str, fields: Fields) -> None:
        message = _qf.Message()
        message.getHeader().setField(35, msg_type)
        for tag, value in fields:
            message.setField(tag, value)
        _qf.Session.sendToTarget(message, self._ids[name])

    # The loop.

    def run(self, lines: queue.SimpleQueue[str | None]) -> None:
        """Obey until told to stop, or until the lines end."""
        while True:
            with suppress(queue.Empty):
                line = lines.get(timeout=_PAUSE_S)
                if line is None:
                    return
                try:
                    if not self.obey(read_command(line)):
                        break
                except (LineError, FixgateError) as error:
                    self.tell(EventKind.PROBLEM, text=str(error))
            self._poll()
        self._log_everyone_out()
        self.tell(EventKind.STOPPED)

    def _poll(self) -> None:
        if self._accepts or self._begun:
            self._engine.poll()

    def _log_everyone_out(self) -> None:
        sessions = [self._session(name) for name in self._parties]
        for session in sessions:
            session.logout("")
        end_s = time.monotonic() + _STOP_S
        while time.monotonic() < end_s and any(each.isLoggedOn() for each in sessions):
            self._poll()
            time.sleep(_PAUSE_S)


def _dictionary(values: dict[str, str]) -> quickfix.Dictionary:
    made = _qf.Dictionary()
    for key, value in values.items():
        made.setString(key, value)
    return made


def _version_settings(version: FixVersion, folder: Path | None) -> dict[str, str]:
    settings = {"DefaultApplVerID": version.value} if version.is_fixt else {}
    if folder is None:
        return settings
    application = str(folder / f"{version.value.replace('.', '')}.xml")
    if version.is_fixt:
        transport = str(folder / "FIXT11.xml")
        settings |= {"TransportDataDictionary": transport, "AppDataDictionary": application}
    else:
        settings |= {"DataDictionary": application}
    return settings | {"UseDataDictionary": "Y"}


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((_LOOPBACK, 0))
        port = sock.getsockname()[1]
    return int(port)


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


def _read_lines(lines: queue.SimpleQueue[str | None]) -> None:
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)
    # The other thread may hang, writing to somebody who no longer reads.
    time.sleep(_STOP_S)
    os._exit(1)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fixgate.interop.quickfix_peer")
    parser.add_argument("role", choices=("acceptor", "initiator"))
    parser.add_argument("--port", type=int, default=0, help="to listen on, or connect to")
    parser.add_argument("--host", default=_LOOPBACK, help="an initiator connects to")
    parser.add_argument(
        "--session",
        action="append",
        nargs="+",
        required=True,
        metavar="NAME",
        help="BeginString, our CompID, theirs, and for FIXT.1.1 the DefaultApplVerID code",
    )
    parser.add_argument("--store", type=Path, required=True, help="folder of the message stores")
    parser.add_argument("--log", type=Path, required=True, help="folder of QuickFIX's own logs")
    parser.add_argument("--dictionaries", type=Path, help="folder of FIX44.xml and so on")
    parser.add_argument("--heartbeat", type=int, default=30, help="HeartBtInt(108), seconds")
    parser.add_argument("--reset-on-logon", action="store_true")
    arguments = parser.parse_args(argv)
    if any(len(names) < 3 for names in arguments.session):
        parser.error("--session needs BeginString and two CompIDs")
    return arguments


def _import_engine() -> None:
    """Put the binding under the name that the functions above know it by.

    Raises:
        EngineUnavailable: It is not there, or it does not load.
    """
    global _qf
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # its generated code has some
            import quickfix as _qf
    except ImportError as error:
        raise EngineUnavailable(f"QuickFIX's Python binding: {error}: {INSTALL}") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run until stdin ends; return the exit status."""
    arguments = _parse(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    try:
        _import_engine()
        counterparty = _Counterparty(arguments)
        counterparty.start()
    except FixgateError as error:
        print(error, file=sys.stderr)
        return 3
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
    counterparty.run(lines)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Not by way of the interpreter's end: QuickFIX's objects would be torn down in no order.
    os._exit(status)

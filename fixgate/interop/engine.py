"""QuickFIX's engine under our settings. The binding is handed in; nothing here imports it.

An initiator's engine is good for one connection: after an orderly end QuickFIX's connector keeps
the closed connection among its own and writes the next Logon to nobody (seen with 1.16). So each
`Engine.connect` makes the engine anew from the files of its store, which is also the stricter
test of those. QuickFIX listens on every interface, whatever it is told; its sessions are let in
from the loopback only.
"""

from __future__ import annotations

import socket
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from fixgate.dictionary.version import FixVersion
from fixgate.errors import FixgateError
from fixgate.interop.compose import dictionary_files
from fixgate.interop.settings import LOOPBACK, PeerRole, PeerSession, PeerSettings

if TYPE_CHECKING:
    import quickfix

__all__ = ["Engine"]

_PORT_TRIES = 5


class Engine:
    """One of QuickFIX's acceptors or initiators, driven by `poll`.

    Args:
        qf: The binding.
        application: Gets QuickFIX's calls.
        logs: Gets QuickFIX's own words.
        settings: What it is to be.
        sessions: Its sessions: all of an acceptor, one of an initiator.
        dictionaries: The folder of the dictionaries, or ``None``.

    Raises:
        FixgateError: It cannot listen, or QuickFIX does not take the settings.
    """

    def __init__(
        self,
        qf: ModuleType,
        application: quickfix.Application,
        logs: quickfix.LogFactory,
        settings: PeerSettings,
        sessions: tuple[PeerSession, ...],
        dictionaries: Path | None,
    ) -> None:
        self._qf = qf
        self._application = application
        self._logs = logs
        self._settings = settings
        self._dictionaries = dictionaries
        self._ids = {
            each: qf.SessionID(each.version.begin_string, each.ours, each.theirs, each.qualifier)
            for each in sessions
        }
        self.port = settings.port
        """Where it listens, or connects to."""
        self._accepts = settings.role is PeerRole.ACCEPTOR
        self._connecting = self._accepts
        self._spent = False
        self._engine: quickfix.SocketAcceptor | quickfix.SocketInitiator = None
        # An initiator that has not been told where to connect to is made when it is.
        if self._accepts or self.port:
            self._start()

    def _start(self) -> None:
        wanted = self._settings.port
        for tries_left in reversed(range(_PORT_TRIES)):
            self.port = wanted or _free_port()
            try:
                self._engine = self._make()
                self.poll()
            except self._qf.RuntimeError as error:
                # Somebody else was faster, or the port is taken for good.
                if wanted or not tries_left:
                    raise FixgateError(f"QuickFIX does not start: {error}") from error
            else:
                return

    def _make(self) -> quickfix.SocketAcceptor | quickfix.SocketInitiator:
        qf = self._qf
        settings = qf.SessionSettings()
        settings.set(self._dictionary(self._common()))
        for each, session_id in self._ids.items():
            particular = self._particular(each.version) | dict(each.options)
            settings.set(session_id, self._dictionary(particular))
        make = qf.SocketAcceptor if self._accepts else qf.SocketInitiator
        in_memory = self._settings.folder is None
        stores = qf.MemoryStoreFactory() if in_memory else qf.FileStoreFactory(settings)
        try:
            return make(self._application, stores, settings, self._logs)
        except qf.ConfigError as error:
            raise FixgateError(f"QuickFIX does not start: {error}") from error

    def _common(self) -> dict[str, str]:
        settings = self._settings
        common = {
            "ConnectionType": settings.role.value,
            "StartTime": "00:00:00",
            "EndTime": "00:00:00",
            "SocketNodelay": "Y",
            "ResetOnLogon": "Y" if settings.reset_on_logon else "N",
        }
        if settings.folder is not None:
            common["FileStorePath"] = str(settings.folder / "store")
        if self._accepts:
            return common | {
                "SocketAcceptPort": str(self.port),
                "AllowedRemoteAddresses": LOOPBACK,
            }
        return common | {
            "SocketConnectHost": settings.host,
            "SocketConnectPort": str(self.port),
            "HeartBtInt": str(settings.heartbeat_s),
            "ReconnectInterval": "1",
        }

    def _particular(self, version: FixVersion) -> dict[str, str]:
        settings = {"DefaultApplVerID": version.value} if version.is_fixt else {}
        if self._dictionaries is None:
            return settings | {"UseDataDictionary": "N"}
        files = [str(file) for file in dictionary_files(self._dictionaries, version)]
        if len(files) == 1:
            return settings | {"DataDictionary": files[0]}
        transport, application = files
        return settings | {
            "TransportDataDictionary": transport,
            "AppDataDictionary": application,
        }

    def _dictionary(self, values: dict[str, str]) -> quickfix.Dictionary:
        made = self._qf.Dictionary()
        for key, value in values.items():
            made.setString(key, value)
        return made

    def connect(
        self, session: PeerSession, port: int, next_out: int | None, next_in: int | None
    ) -> None:
        """Enable a session; an initiator connects with the next `poll`.

        Args:
            session: One of those given.
            port: Where to connect to; 0 for the same as before.
            next_out: MsgSeqNum(34) of the Logon; ``None`` takes the store's.
            next_in: MsgSeqNum(34) that is expected; ``None`` takes the store's.
        """
        if self._spent or port not in (0, self.port) or self._engine is None:
            self.port = port or self.port
            # The old one first: two sessions of one name would share the store's files.
            self._engine = None
            self._engine = self._make()
            self._spent = False
        self._connecting = True
        found = self.session(session)
        if next_out is not None:
            found.setNextSenderMsgSeqNum(next_out)
        if next_in is not None:
            found.setNextTargetMsgSeqNum(next_in)
        found.logon()

    def ended(self, session: PeerSession) -> None:
        """Note that a session has ended; QuickFIX is still at it, so nothing else is done."""
        if not self._accepts:
            self._spent = True
            self._connecting = False

    @property
    def made(self) -> bool:
        """Whether its sessions are there."""
        return self._engine is not None

    def session(self, session: PeerSession) -> quickfix.Session:
        """Return QuickFIX's own object of a session.

        Raises:
            FixgateError: It has not been told yet where to connect to.
        """
        if self._engine is None:
            raise FixgateError(f"{session} has not been told where to connect to")
        return self._qf.Session.lookupSession(self._ids[session])

    def send(self, session: PeerSession, message: quickfix.Message) -> None:
        """Send a message; what cannot be sent now is numbered and stored."""
        self._qf.Session.sendToTarget(message, self._ids[session])

    def poll(self) -> None:
        """Do what is to be done now: connections, input, timers."""
        if self._connecting:
            self._engine.poll()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        return int(sock.getsockname()[1])

"""Who may log on to a gateway: the sessions that are known, and those made on demand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from fixgate.dictionary import FixVersion
from fixgate.errors import DictionaryError, LocalProtocolError, StoreError
from fixgate.history import History
from fixgate.net.endpoint import Endpoint
from fixgate.net.lines import Lines
from fixgate.net.patience import Patience
from fixgate.net.settings import GatewaySettings, VenueSession
from fixgate.session.addressing import addresses, demands
from fixgate.session.session import Session
from fixgate.session.settings import SessionId, SessionSettings
from fixgate.session.store import Store
from fixgate.session.validation import validator_of
from fixgate.venue import Client
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["MAX_COMP_ID_CHARS", "Counterparty", "Roster"]

MAX_COMP_ID_CHARS = 100
"""Of CompIDs that nobody configured; each of them may become a folder and a dictionary key."""

_LATEST_APPL_VER_ID = "9"

_log = logging.getLogger("fixgate.gateway")
_session_log = logging.getLogger("fixgate.session")

_Identity = tuple[bytes, bytes, bytes]
OpenStore = Callable[[SessionId, int], Store]


class Counterparty:
    """One identity: its session, what it left behind, and its connection while it has one.

    Attributes:
        client: What the venue knows it by.
        demands: The sub-ids and locations that tell it from others with its CompIDs.
        session: Its session, for as long as the gateway runs.
        history: What happened to it.
        entry: What its connection must be.
        endpoint: Its connection, or ``None``.
        logged_on: The venue has been told that it is there.
        origin: Where its latest connection came from.
        lines: Writes what there is to say about it.
        patience: What is left for Logons of its that are refused.
    """

    __slots__ = (
        "client", "demands", "endpoint", "entry", "history", "lines", "logged_on", "origin",
        "patience", "session",
    )  # fmt: skip

    def __init__(self, name: str, known: VenueSession, store: Store, history: History) -> None:
        settings = known.session
        self.entry = known.entry
        self.history = history
        self.session = Session(settings, store, validator_of(settings), history)
        self.client = Client(name, self.session.version)
        self.demands = demands(settings.id)
        self.endpoint: Endpoint | None = None
        self.logged_on = False
        self.origin = ""
        self.lines = Lines(_session_log, name)
        self.patience = Patience()


class Roster:
    """Every counterparty of one gateway, by identity and by name.

    Args:
        settings: The gateway's settings.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._by_identity: dict[_Identity, list[Counterparty]] = {}
        self._by_name: dict[str, Counterparty] = {}
        self._on_demand = 0
        self._lines = Lines(_log, "Logon turned away")
        self._open_store: OpenStore = _not_open

    def __iter__(self) -> Iterator[Counterparty]:
        return iter(self._by_name.values())

    @property
    def full(self) -> bool:
        """Whether no more sessions are made for clients that nobody listed."""
        return self._on_demand >= self._settings.max_on_demand

    def get(self, name: str) -> Counterparty | None:
        """Return the counterparty that the venue knows by ``name``."""
        return self._by_name.get(name)

    def open(self, open_store: OpenStore, now_ns: int) -> None:
        """Open the store of every known session.

        Args:
            open_store: Opens a store; also those of sessions that are made later.
            now_ns: Now.

        Raises:
            StoreError: One cannot be used; none stays open.
            DictionaryError: A session's version is not known.
        """
        self._open_store = open_store
        try:
            for known in self._settings.sessions:
                self._add(known, now_ns)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every store; a store that cannot be written is reported and left."""
        self._lines.settle()
        for party in self:
            party.lines.settle()
            try:
                party.session.store.close()
            except StoreError as error:
                _log.error("! %s", error)
        self._by_identity.clear()
        self._by_name.clear()

    def find(self, logon: Message, now_ns: int) -> Counterparty | None:
        """Return whose Logon this is, or ``None`` for a stranger.

        Args:
            logon: The first message of a connection.
            now_ns: Now.
        """
        ours, theirs = logon.get(Tag.TargetCompID), logon.get(Tag.SenderCompID)
        if ours is None or theirs is None:
            return None
        parties = self._by_identity.get((logon.begin_string, ours, theirs))
        if parties is not None:
            return next((each for each in parties if addresses(logon, each.demands)), None)
        return self._welcome(logon, now_ns) if self._settings.accept_any else None

    def _welcome(self, logon: Message, now_ns: int) -> Counterparty | None:
        """Make a session for somebody new; ``None`` when that cannot be done."""
        settings = self._settings_for(logon)
        if settings is None or self.full:
            return None
        try:
            party = self._add(VenueSession(str(settings.id), settings), now_ns)
        except (StoreError, DictionaryError) as error:
            self._lines.tell(logging.ERROR, "!", str(error))
            return None
        self._on_demand += 1
        return party

    def _settings_for(self, logon: Message) -> SessionSettings | None:
        template = self._settings.template
        try:
            begin_string = logon.begin_string.decode("ascii")
            ours = logon[Tag.TargetCompID].decode()
            theirs = logon[Tag.SenderCompID].decode()
            appl_ver_id = (logon.get(Tag.DefaultApplVerID) or b"").decode("ascii")
        except UnicodeDecodeError:
            return None
        if self._settings.comp_id not in (None, ours):
            return None
        if not all(0 < len(name) <= MAX_COMP_ID_CHARS for name in (ours, theirs)):
            return None
        if begin_string == "FIXT.1.1":
            version = appl_ver_id or template.default_appl_ver_id or _LATEST_APPL_VER_ID
        elif FixVersion.of_session(begin_string) is not None:
            version = None
        else:
            return None
        identity = SessionId(begin_string, ours, theirs)
        return replace(template, id=identity, default_appl_ver_id=version)

    def _add(self, known: VenueSession, now_ns: int) -> Counterparty:
        identity = known.session.id
        store = self._open_store(identity, now_ns)
        history = History(limit=self._settings.history_limit)
        name = known.name
        # Orders belong to names, and two sessions may read the same: CompIDs hold any character.
        while name in self._by_name:
            name += "'"
        try:
            party = Counterparty(name, known, store, history)
        except BaseException:
            store.close()
            raise
        recovered = getattr(store, "recovered", None)
        if recovered is not None:
            _log.warning("= %s: %s", name, recovered)
        self._by_name[name] = party
        key = (identity.begin_string.encode(), identity.ours.encode(), identity.theirs.encode())
        parties = self._by_identity.setdefault(key, [])
        parties.append(party)
        # Of those with equal CompIDs, who is the most particular is asked first.
        parties.sort(key=lambda each: len(each.demands), reverse=True)
        return party


def _not_open(session_id: SessionId, now_ns: int) -> Store:
    raise LocalProtocolError(f"no store for {session_id}: the roster is not open")

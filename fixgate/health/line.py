"""What a check asks of whoever does the session for it, and our own that does it.

The check opens the connection and judges; the line in between numbers, answers, recovers. It puts
every message into the check's history, the venue's and its own.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

from fixgate.dictionary.version import FixVersion
from fixgate.errors import StoreError
from fixgate.health.model import CheckPlan
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.commits import Commits
from fixgate.net.events import ConnectionClosed
from fixgate.net.initiator import SessionConnection
from fixgate.net.opening import Opened, TlsEstablished
from fixgate.net.settings import StoreSettings
from fixgate.net.stores import open_store
from fixgate.session.account import secrets_of
from fixgate.session.events import Event
from fixgate.session.session import Session
from fixgate.session.settings import SessionSettings
from fixgate.session.store import Store
from fixgate.session.validation import validator_of

__all__ = ["Engine", "Line", "OwnEngine", "patient", "store_of"]

_MARGIN_NS = 60_000_000_000
"""The session's own timeouts lie this far behind the deadline: the check's clock rules."""


class Line(Protocol):
    """One session of a check, on one connection."""

    closed: asyncio.Future[ConnectionClosed]
    """Done when the connection is gone."""

    @property
    def version(self) -> FixVersion:
        """The application version of the session."""

    @property
    def active(self) -> bool:
        """Whether the venue has let us in, and a Logout is called for."""

    @property
    def talking(self) -> bool:
        """Whether the session is up, and neither side has said goodbye."""

    @property
    def numbers(self) -> tuple[int, int]:
        """The store's: MsgSeqNum(34) that we send next, and expect next."""

    async def start(self, opened: Opened, tls: TlsEstablished | None = None) -> None:
        """Take the connection over and send the Logon.

        Raises:
            StoreError: The store cannot be used.
            OSError: The connection cannot be used.
        """

    async def next_event(self) -> tuple[int, Event] | None:
        """Return the next event and its instant; ``None`` when the connection is gone."""

    def send(self, msg_type: bytes, body: bytes) -> object:
        """Send an application message."""

    def test_request(self, test_req_id: bytes) -> object:
        """Send a TestRequest."""

    def logout(self, text: str = "") -> object:
        """Begin an orderly end with a Logout."""

    def abort(self) -> None:
        """Drop the connection now; `closed` follows."""

    async def settle(self) -> None:
        """The connection is gone: bring `numbers` up to date."""

    def release(self) -> None:
        """Let go of the store."""


class Engine(Protocol):
    """Whose session layer a run uses."""

    def line(self, plan: CheckPlan, clock: Clock, history: History) -> Line | StoreError:
        """Return the line of a check, or why its store cannot be used.

        Args:
            plan: What is to be checked.
            clock: The process's clock.
            history: Gets every message and event.
        """


class OwnEngine:
    """fixgate's own session layer.

    Args:
        stamped: Have the kernel stamp every byte; see `fixgate.net.initiator`.
    """

    def __init__(self, *, stamped: bool = False) -> None:
        self._stamped = stamped

    def line(self, plan: CheckPlan, clock: Clock, history: History) -> Line | StoreError:
        """Return a session of ours; see `Engine`."""
        settings = patient(plan)
        validator = validator_of(settings)
        try:
            store = store_of(plan.store, settings, clock.now_ns())
        except StoreError as error:
            return error
        session = Session(settings, store, validator, history)
        session.renew(clock.now_ns())
        return SessionConnection(session, clock, history, stamped=self._stamped)


def store_of(
    settings: StoreSettings, session: SessionSettings, now_ns: int, commits: Commits | None = None
) -> Store:
    """Open the store of a session that we open; see `fixgate.net.stores.open_store`."""
    return open_store(settings, session.id, now_ns, commits, secrets=secrets_of(session))


def patient(plan: CheckPlan) -> SessionSettings:
    """Return the settings of a plan's session, whose timeouts the check's deadline comes before."""
    ours = plan.deadline_ns + _MARGIN_NS
    return replace(plan.session, logon_timeout_ns=ours, logout_timeout_ns=ours)

"""One process of the simulation: a session with its store, clock, application and oracle."""

from __future__ import annotations

from dataclasses import dataclass, field

from fixgate.dictionary import validator_for
from fixgate.session.events import Event
from fixgate.session.session import Session
from fixgate.session.settings import SessionSettings
from fixgate.session.store import MemoryStore
from tests.session.oracle import Oracle


@dataclass
class Pipe:
    """Bytes on their way in one direction."""

    data: bytearray = field(default_factory=bytearray)
    ended: bool = False
    dead: bool = False  # the bytes go nowhere, and neither end knows


class Side:
    """One process: its session, its store, its clock, its application and its oracle."""

    def __init__(self, settings: SessionSettings, digits: int, oracle: Oracle) -> None:
        self.settings = settings
        self.validator = validator_for(settings.id.begin_string, settings.default_appl_ver_id)
        self.store = MemoryStore()
        self.oracle = oracle
        self.asked: list[bytes] = []
        self.got: list[bytes] = []
        self.events: list[Event] = []
        self.offset = 0
        self.reads: Pipe | None = None
        self.writes: Pipe | None = None
        self.start()

    def start(self) -> None:
        self.session = Session(self.settings, self.store, self.validator)

    @property
    def connected(self) -> bool:
        return self.reads is not None

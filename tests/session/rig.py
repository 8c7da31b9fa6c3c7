"""A session on a bench: transcripts in, transcripts out, time in seconds.

Messages to the session are built by simplefix, never by our own encoder; what the session sends
is read by splitting literals.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import simplefix

from fixgate.history import History
from fixgate.session.events import Event, Violation
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from fixgate.session.validation import validator_of

EPOCH = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
SECOND = 1_000_000_000
OURS, THEIRS = "EXCH", "TRADER"
_HEADER = ("8", "9", "10", "49", "52", "56")


class Rig:
    """One session, its wire and its clock."""

    def __init__(
        self,
        role: Role = Role.ACCEPTOR,
        begin: str = "FIX.4.4",
        appl_ver_id: str | None = None,
        store: MemoryStore | None = None,
        **changes: object,
    ) -> None:
        settings = SessionSettings(
            id=SessionId(begin, OURS, THEIRS), role=role, default_appl_ver_id=appl_ver_id
        )
        self.settings = replace(settings, **changes)  # type: ignore[arg-type]
        self.store = store or MemoryStore()
        self.history = History()
        validator = validator_of(self.settings)
        self.session = Session(self.settings, self.store, validator, self.history)
        self.seconds = 0.0
        self.events: list[Event] = []
        self.number = 1

    @property
    def now_ns(self) -> int:
        return int(EPOCH.timestamp()) * SECOND + int(self.seconds * SECOND)

    def time(self, offset_s: float = 0) -> str:
        """The rig's clock as a UTCTimestamp with milliseconds, ``offset_s`` from now."""
        at = EPOCH + timedelta(seconds=self.seconds + offset_s)
        return at.strftime("%Y%m%d-%H:%M:%S.") + f"{at.microsecond // 1000:03d}"

    def build(self, text: str) -> bytes:
        """A whole message; 8, 49, 56 and 52 are filled in where the text does not have them."""
        pairs = [part.split("=", 1) for part in text.split("|")]
        given = dict(pairs)
        message = simplefix.FixMessage()
        message.append_pair(8, given.pop("8", self.settings.id.begin_string))
        pairs = [pair for pair in pairs if pair[0] != "8"]
        message.append_pair(35, pairs[0][1])
        for tag, value in (("49", THEIRS), ("56", OURS), ("52", self.time())):
            value = given.get(tag, value)
            if value != "-":  # "56=-": leave the field out
                message.append_pair(tag, value)
        for tag, value in pairs[1:]:
            if tag not in ("49", "52", "56") and value != "-":
                message.append_pair(tag, value)
        data: bytes = message.encode()
        return data

    def rx(self, *texts: str) -> list[Event]:
        """Give messages to the session; ``{t}`` is now, ``{t+10}`` ten seconds later."""
        events: list[Event] = []
        for text in texts:
            events += self.raw(self.build(self._times(text)))
        return events

    def raw(self, data: bytes) -> list[Event]:
        events = self.session.receive(data, self.now_ns)
        self.events += events
        return events

    def _times(self, text: str) -> str:
        while "{t" in text:
            head, tail = text.split("{t", 1)
            offset, rest = tail.split("}", 1)
            text = head + self.time(float(offset or 0)) + rest
        return text

    def tx(self) -> list[str]:
        """What the session wants written, without 8, 9, 10, 49, 52 and 56."""
        return ["|".join(f for f in m if f.split("=")[0] not in _HEADER) for m in self.whole()]

    def whole(self) -> list[list[str]]:
        """What the session wants written, every field."""
        data = self.session.output()
        out: list[list[str]] = []
        for field in data.decode("latin-1").split("\x01")[:-1]:
            if field.startswith("8="):
                out.append([])
            out[-1].append(field)
        return out

    def after(self, seconds: float) -> list[Event]:
        """Let time pass, waking the session at its own deadlines and at no other instant."""
        end = self.seconds + seconds
        events: list[Event] = []
        while True:
            deadline = self.session.deadline_ns
            if self.session.wants_close or deadline is None:
                break
            due = (deadline - int(EPOCH.timestamp()) * SECOND) / SECOND
            if due > end:
                break
            self.seconds = max(due, self.seconds)
            events += self.session.wake(self.now_ns)
        self.seconds = end
        self.events += events
        return events

    def connect(self) -> Rig:
        self.session.connected(self.now_ns)
        return self

    def log_on(self, heartbeat: int = 30) -> Rig:
        """Bring the session up with plain Logons, number 1 each way."""
        self.connect()
        extra = f"|1137={self.settings.default_appl_ver_id}" * bool(
            self.settings.default_appl_ver_id
        )
        self.rx(f"35=A|34=1|98=0|108={heartbeat}{extra}")
        assert len(self.tx()) == 1
        self.events.clear()
        return self


def order(number: int, cl_ord_id: str = "ID", more: str = "") -> str:
    """A FIX 4.4 market order."""
    return f"35=D|34={number}{more}|11={cl_ord_id}|55=ABC|54=1|60=20260302-09:00:00|38=10|40=1"


def kinds(events: list[object]) -> list[type]:
    return [type(event) for event in events]


def violation(rig: Rig) -> Violation:
    (found,) = [event for event in rig.events if isinstance(event, Violation)]
    return found

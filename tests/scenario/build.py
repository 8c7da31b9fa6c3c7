"""Scenarios built by hand, and a player that is told what happens line by line."""

from __future__ import annotations

from fixgate.history import History
from fixgate.net.settings import Address, GatewaySettings, ListenSettings, VenueSession
from fixgate.scenario.commands import Command
from fixgate.scenario.matching import Exactly, FieldMatch, MessageMatch
from fixgate.scenario.model import Actor, Requirement, Scenario, Side
from fixgate.scenario.player import Player
from fixgate.scenario.records import Closed, Done, LoggedOn, NotDone, Opened, Sent, Wire
from fixgate.scenario.steps import Connect, Expect, Place, Step
from fixgate.scenario.vocabulary import vocabulary_of
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.fixtext import fix

SECOND = 1_000_000_000
START = 1_772_442_000 * SECOND
CLIENT = SessionSettings(SessionId("FIX.4.4", "CLIENT", "VENUE"), Role.INITIATOR, 30)
SERVER = SessionSettings(SessionId("FIX.4.4", "VENUE", "CLIENT"), Role.ACCEPTOR)
VENUE = GatewaySettings(
    "venue",
    (ListenSettings(Address("127.0.0.1", 0)),),
    SERVER,
    sessions=(VenueSession("c", SERVER),),
)


def place(text: str = "step", *, should: bool = False) -> Place:
    return Place("story.yaml", 7, text, should)


def scenario(
    *steps: Step,
    under_test: Side = Side.VENUE,
    requirement: Requirement = Requirement.MUST,
    leftovers: bool = False,
    ignore: frozenset[bytes] = frozenset(),
    limit_s: int = 600,
) -> Scenario:
    actors = (
        Actor("client", Side.CLIENT, session=CLIENT),
        Actor("venue", Side.VENUE, gateway=VENUE),
    )
    return Scenario(
        "story", "story.yaml", "A story", "What happens.", "What should.", under_test, requirement,
        "", (), frozenset(), None, ignore, leftovers, actors, steps, limit_s * SECOND,
    )  # fmt: skip


def connect(*, logon: bool = True) -> Connect:
    return Connect(place("connect"), "client", logon, 5 * SECOND)


def match(msg_type: str, **fields: str) -> MessageMatch:
    """``match("0", t112="HELLO")``: a message of a type with these values, by tag."""
    tests = (FieldMatch(int(tag[1:]), Exactly(value.encode())) for tag, value in fields.items())
    return MessageMatch((msg_type.encode(),), tuple(tests))


def expect(
    msg_type: str, *, within_s: float = 5, name: str = "", should: bool = False, **fields: str
):
    text = f"expect {msg_type}"
    wanted = match(msg_type, **fields)
    return Expect(place(text, should=should), "client", wanted, int(within_s * SECOND), name)


class Told:
    """A player of our client, told what happens at seconds after the beginning."""

    def __init__(self, played: Scenario, *, patience_s: int = 0) -> None:
        self.history = History()
        self.player = Player(
            played, self.history, vocabulary_of("FIX.4.4"), patience_ns=patience_s * SECOND
        )
        self.now_s = 0.0
        self.player.begin(START)
        self.given: list[Command] = []

    def at(self, second: float) -> Told:
        """Time passes; the player is woken when it has to be."""
        while (due := self.player.deadline_ns) is not None and due <= START + second * SECOND:
            self.player.wake(due)
        self.now_s = second
        return self

    def tell(self, what, glyph: str = "~") -> Told:
        self.player.observe(START + int(self.now_s * SECOND), glyph, what)
        return self

    def commands(self) -> list[Command]:
        """What it wants done; simple things are done at once."""
        new = self.player.take()
        self.given += new
        return new

    def done(self) -> Told:
        for command in self.commands():
            self.tell(Done(command.number), "#")
        return self

    def not_done(self, text: str) -> Told:
        for command in self.commands():
            self.tell(NotDone(command.number, text), "#")
        return self

    def sent(self, text: str) -> Told:
        for command in self.commands():
            self.tell(Sent("client", command.number, fix(text)), "#")
        return self

    def opened(self) -> Told:
        return self.tell(Opened("client"))

    def logged_on(self) -> Told:
        self.done().opened()
        self.rx("35=A|34=1|98=0|108=30")
        return self.tell(LoggedOn("client"), "=")

    def closed(self, *, by_peer: bool = True, reset: bool = False) -> Told:
        return self.tell(Closed("client", by_peer, reset))

    def rx(self, text: str) -> Told:
        """A message comes, written without what every message has."""
        return self.tell(Wire("client", fix(text)), "<")

    def garbage(self, text: str) -> Told:
        return self.tell(Wire("client", b"???", text), "<")

    def end(self) -> Told:
        """Let as much time pass as it wants."""
        return self.at(100_000)

    @property
    def result(self) -> str:
        return "" if self.player.verdict is None else self.player.verdict.result.value

    @property
    def came(self) -> str:
        assert self.player.verdict is not None
        return self.player.verdict.findings[0].came

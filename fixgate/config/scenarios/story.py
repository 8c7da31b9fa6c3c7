"""What the readers of steps have at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from fixgate.config.fields import closest
from fixgate.config.scenarios.flow import Flow
from fixgate.config.scenarios.node import Node, UnusableError
from fixgate.config.source import shown
from fixgate.config.yaml import Document
from fixgate.scenario.model import Actor, Need, Side
from fixgate.scenario.steps import Never
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.session.settings import SessionSettings

__all__ = ["Story"]

MAX_STEPS = 20_000
"""Steps that are read for one scenario, those of repeats twice: more is an explosion."""


@dataclass(slots=True)
class Story:
    """One scenario while its steps are read.

    Attributes:
        actors: Everybody, by name.
        under_test: The side that is judged.
        vocabulary: Of the session.
        within_ns: Of expectations that do not say.
        root: Files that are included lie below it.
        open: Reads an included file; every file is read once.
        flow: What the steps before have come to.
        acting: The actor of steps that do not say; empty for the one that plays the other side.
        including: The files around, by their real paths.
        needs: What steps need of the system under test.
        nevers: Those on the outermost level, with their places.
        expectations: How many there are.
        read: Steps that were read so far.
    """

    actors: Mapping[str, Actor]
    under_test: Side
    vocabulary: Vocabulary
    within_ns: int
    root: FilePath
    open: Callable[[FilePath, Node], Document]
    flow: Flow
    acting: str = ""
    including: tuple[str, ...] = ()
    needs: set[Need] = field(default_factory=set)
    nevers: list[tuple[Never, Node]] = field(default_factory=list)
    expectations: int = 0
    read: int = 0

    @property
    def ours(self) -> str:
        """The actor of steps that do not say whose they are."""
        return self.acting or self.under_test.other.value

    def actor(self, node: Node) -> str:
        """Return the name of an actor, whoever it is."""
        name = node.text()
        if name not in self.actors:
            hint = closest(name, self.actors) or f"there are {' and '.join(self.actors)}"
            raise node.report(f"there is no actor {shown(name)}", hint)
        return name

    def actor_of_ours(self, node: Node) -> str:
        """Return the name of an actor that we play."""
        name = self.actor(node)
        if self.actors[name].side is self.under_test:
            ours = [n for n, actor in self.actors.items() if actor.side is not self.under_test]
            raise node.report(
                f"{name} plays the {self.under_test.value}, which is under test: steps act for "
                f"{' or '.join(ours)}",
                "'ask' has the system under test do something",
            )
        return name

    @property
    def session(self) -> SessionSettings:
        """The settings of the first client's session: what defaults of messages come from."""
        session = self.actors[Side.CLIENT.value].session
        assert session is not None, "a client has a session"
        return session

    def count(self, node: Node) -> None:
        """Count a step that is read."""
        self.read += 1
        if self.read == MAX_STEPS + 1:
            raise node.report(f"more than {MAX_STEPS} steps")
        if self.read > MAX_STEPS:
            raise UnusableError

"""What a line of steps knows: how far it has looked, and what has a name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fixgate.scenario.inbox import View
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.wire.message import Message

__all__ = ["Context", "Scope"]


@dataclass(slots=True)
class Context:
    """What a line of steps knows.

    Attributes:
        views: How far it has looked, by actor.
        messages: Those that have a name.
        counters: Of the repetitions that it is in.
        parallel: Others are played beside it.
    """

    views: dict[str, View]
    messages: dict[str, Message] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    parallel: bool = False

    def fork(self) -> Context:
        """Return one that begins here and goes its own way."""
        views = {actor: view.fork() for actor, view in self.views.items()}
        return replace(self, views=views, messages=dict(self.messages))

    def become(self, other: Context) -> None:
        """Go on from where a fork has come to."""
        for actor, view in other.views.items():
            self.views[actor].become(view)
        self.messages.update(other.messages)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression sees; see `fixgate.scenario.expressions.Scope`."""

    context: Context
    vocabulary: Vocabulary
    now_ns: int
    serial: int

    def field(self, message: str, field: str) -> bytes | None:
        """Return a field of a message that has a name."""
        found, tag = self.context.messages.get(message), self.vocabulary.tag(field)
        return None if found is None or tag is None else found.get(tag)

    def counter(self, name: str) -> int | None:
        """Return the number of a round."""
        return self.context.counters.get(name)

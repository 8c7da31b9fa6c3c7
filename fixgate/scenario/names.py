"""What expressions refer to, as a value: messages by the names that steps gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fixgate.scenario.vocabulary import Vocabulary
from fixgate.wire import Message

__all__ = ["Names"]


@dataclass(frozen=True, slots=True)
class Names:
    """A `fixgate.scenario.expressions.Scope`.

    Attributes:
        vocabulary: Of the session, for the names of fields.
        now_ns: The instant of the record that is judged, or of the step that sends.
        serial: Another number for every step that a run plays.
        messages: By name.
        counters: By name: the number of the round.
    """

    vocabulary: Vocabulary
    now_ns: int
    serial: int = 0
    messages: Mapping[str, Message] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)

    def field(self, message: str, field: str) -> bytes | None:
        """Return the first value of a field in a message that has a name, or ``None``."""
        found, tag = self.messages.get(message), self.vocabulary.tag(field)
        return None if found is None or tag is None else found.get(tag)

    def counter(self, name: str) -> int | None:
        """Return the number of the round, or ``None`` when there is no such counter."""
        return self.counters.get(name)

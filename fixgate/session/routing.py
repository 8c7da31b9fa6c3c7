"""Third parties: on whose behalf messages are sent, and to whom they are to be delivered.

Spec: FIX 4.4 volume 2, "FIX Message Routing"; FIX Session Layer Test Cases 18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fixgate.dictionary.reasons import Problem, SessionRejectReason
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag, label

__all__ = ["Checker", "RoutedChecker", "Routing"]


@dataclass(frozen=True, slots=True)
class Routing:
    """Which third parties a session knows.

    Attributes:
        sent: Routing fields of every message we send, ``(tag, value)`` each.
        on_behalf_of: Whom the peer may speak for, OnBehalfOfCompID(115); ``None`` for anyone.
        deliver_to: To whom we pass messages on, DeliverToCompID(128); ``None`` for anyone.
    """

    sent: tuple[tuple[int, bytes], ...] = ()
    on_behalf_of: frozenset[bytes] | None = None
    deliver_to: frozenset[bytes] | None = frozenset()


class Checker(Protocol):
    """What a session asks of a dictionary."""

    def check(self, message: Message) -> Problem | None:
        """Return the first fault found in a message, or ``None``."""


class RoutedChecker:
    """A dictionary, and behind it the third parties that a session knows.

    A message that names another one is rejected when its turn has come, like one that the
    dictionary objects to. Spec: case 18.

    Args:
        inner: The dictionary.
        routing: The third parties.
    """

    __slots__ = ("_inner", "_known")

    def __init__(self, inner: Checker, routing: Routing) -> None:
        self._inner = inner
        lists = (
            (Tag.OnBehalfOfCompID, routing.on_behalf_of),
            (Tag.DeliverToCompID, routing.deliver_to),
        )
        self._known = tuple((tag, known) for tag, known in lists if known is not None)

    def check(self, message: Message) -> Problem | None:
        """Return the first fault found in a message, or ``None``."""
        problem = self._inner.check(message)
        return problem if problem is not None else self._stranger(message)

    def _stranger(self, message: Message) -> Problem | None:
        for tag, known in self._known:
            value = message.get(tag)
            if value is not None and value not in known:
                named = ", ".join(sorted(repr(name.decode("latin-1")) for name in known))
                text = (
                    f"CompID problem: {label(tag)} received {value.decode('latin-1')!r}, "
                    f"expected {named or 'none'}"
                )
                return Problem(SessionRejectReason.COMP_ID_PROBLEM, tag, text)
        return None

"""Values that are worked out while a scenario runs: a closed whitelist, no Python.

    = order.MsgSeqNum + 1
    = concat('ID', round)

An expression begins with ``=``. It knows numbers, texts in quotes, fields of messages that were
named before (``name.Field``), counters, ``now`` (the instant of the record that is judged or of
the step that sends), ``+ - * / // %`` and the functions of `FUNCTIONS`; nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Expression", "Value"]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has been checked.

    Attributes:
        text: As written, without the ``=``.
    """

    text: str


Value: TypeAlias = bytes | Expression
"""What a field is: bytes as they go on the wire, or what gives them."""

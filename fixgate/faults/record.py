"""What a fault did, for the history. Secrets do not show."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.dictionary.loader import BUILT_IN, load_dictionary
from fixgate.faults.armed import Way
from fixgate.wire.mask import mask
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["FaultApplied", "masked_pair", "name_of", "shown"]

_SECRETS = frozenset({Tag.Password, Tag.NewPassword, Tag.RawData})
_ENCRYPTED = frozenset({Tag.EncryptedPassword, Tag.EncryptedNewPassword})
_HIDDEN = _SECRETS | _ENCRYPTED
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class FaultApplied:
    """A fault acted on a message, some bytes, or the connection.

    Attributes:
        name: As it was armed.
        kind: The fault, by the name of its class.
        way: In which direction.
        did: What it did, in words.
        before: The message as it came, printable and without secrets; empty when there was none.
        after: What became of it, likewise; empty when it is as before, gone, or when it cannot be
            shown without showing a secret.
    """

    name: str
    kind: str
    way: Way
    did: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.did}"


def name_of(tag: int, message: Message | None = None) -> str:
    """Return a field as texts name it: ``Symbol(55)``.

    Args:
        tag: The tag.
        message: Where it stands; its version names it.
    """
    version = message.begin_string.decode("latin-1") if message is not None else ""
    for name in (version, "FIX.5.0SP2", "FIXT.1.1"):
        if name in BUILT_IN:
            dictionary = load_dictionary(name)
            if tag in dictionary.fields:
                return dictionary.label(tag)
    return f"tag {tag}"


def shown(tag: int, value: bytes) -> str:
    """Return a value as records may show it."""
    if tag in _HIDDEN:
        return "***"
    text = mask(value) or "(empty)"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def masked_pair(message: Message | None, before: bytes, after: bytes) -> tuple[str, str]:
    """Return what a record shows of a message before and after.

    A message with a secret is not shown changed: where a secret ends is in doubt then. Nor are
    bytes that are no message: they may begin in the middle of one.
    """
    if message is None or message.raw != before:
        return "", ""
    if before == after or any(tag in message for tag in _HIDDEN):
        return mask(before), ""
    return mask(before), mask(after)

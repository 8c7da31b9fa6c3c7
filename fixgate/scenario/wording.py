"""What came, in words: messages by their names in the dictionary, passwords masked."""

from __future__ import annotations

from collections.abc import Sequence

from fixgate.scenario.comparison import Mismatch
from fixgate.scenario.records import Closed
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.wire.mask import mask
from fixgate.wire.message import Message
from fixgate.wire.tags import HEADER_TAGS, TRAILER_TAGS, Tag

__all__ = ["Wording"]

_SHOWN_FIELDS = 8
_SHOWN_CHARS = 80
_ALWAYS = (Tag.MsgSeqNum, Tag.PossDupFlag, Tag.PossResend)


class Wording:
    """Writes about messages of one version.

    Args:
        vocabulary: The version's.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def message(self, message: Message) -> str:
        """Return a message as ``Reject(3) with MsgSeqNum(34) = 5, RefSeqNum(45) = 4``."""
        fields = [
            (tag, value)
            for tag, value in message.fields()
            if tag in _ALWAYS or tag not in HEADER_TAGS | TRAILER_TAGS
        ]
        shown = [f"{self._vocabulary.label(tag)} = {_shown(tag, value)}" for tag, value in fields]
        if len(shown) > _SHOWN_FIELDS:
            shown[_SHOWN_FIELDS:] = ["..."]
        return f"{self._vocabulary.message_label(message.msg_type)} with {', '.join(shown)}"

    def instead(self, message: Message, unlike: Sequence[Mismatch]) -> str:
        """Return what came, and in what it was unlike the expected, when that is of use."""
        text = self.message(message)
        reasons = [str(each) for each in unlike]
        return f"{text}: {'; '.join(reasons)}" if reasons else text

    @staticmethod
    def closed(closed: Closed) -> str:
        """Return how a connection ended."""
        return "the connection was reset" if closed.reset else "the connection was closed"

    @staticmethod
    def duration(duration_ns: int) -> str:
        """Return a duration as ``2.5 s``."""
        return f"{duration_ns / 1_000_000_000:g} s"


def _shown(tag: int, value: bytes) -> str:
    text = mask(b"%d=%b" % (tag, value)).partition("=")[2]
    return f"{text[:_SHOWN_CHARS]}..." if len(text) > _SHOWN_CHARS else text

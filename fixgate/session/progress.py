"""LastMsgSeqNumProcessed(369): how far we have come, in the header of every message of ours.

A writer of its own, so that nothing is asked for each message where the field is off.

Spec: FIX 4.2 volume 1 and later, "Standard Message Header": useful for detecting a backlog.
"""

from __future__ import annotations

from fixgate.dictionary.version import FixVersion
from fixgate.session.settings import SessionSettings
from fixgate.session.store import Store
from fixgate.session.writer import Header, Writer
from fixgate.wire.tags import Tag

__all__ = ["ProgressWriter", "writer_of"]


def writer_of(settings: SessionSettings, digits: int, store: Store, version: FixVersion) -> Writer:
    """Return what builds the messages of a session.

    Args:
        settings: The session's settings.
        digits: Digits after the second of SendingTime(52).
        store: Its sequence numbers.
        version: Its version; the field came with FIX 4.2.
    """
    if settings.numbering.last_processed and version.order >= FixVersion.FIX42.order:
        return ProgressWriter(settings, digits, store)
    return Writer(settings, digits)


class ProgressWriter(Writer):
    """Adds the last number of the peer's that was taken in sequence.

    What is sent again keeps the number that it was sent with.

    Args:
        settings: The session's settings.
        digits: Digits after the second of SendingTime(52).
        store: Its sequence numbers.
    """

    __slots__ = ("_store",)

    def __init__(self, settings: SessionSettings, digits: int, store: Store) -> None:
        super().__init__(settings, digits)
        self._store = store

    def message(
        self, msg_type: bytes, seq_num: int, body: bytes, now_ns: int, header: Header = ()
    ) -> bytes:
        """Return a whole message, as `Writer.message` does."""
        processed = b"%d" % (self._store.next_in - 1)
        header = (*header, (Tag.LastMsgSeqNumProcessed, processed))
        return super().message(msg_type, seq_num, body, now_ns, header)

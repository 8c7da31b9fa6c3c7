"""The newest generation of a store, opened or begun: the one that goes on."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.errors import StoreError
from fixgate.net.lock import StoreLock
from fixgate.net.records import FileHeader, encode_file_header
from fixgate.net.replay import Replayed, may_be_unsynced, replay, too_short
from fixgate.net.segments import Segment, StoreFolder

__all__ = ["Newest", "open_newest"]


@dataclass(frozen=True, slots=True)
class Newest:
    """A generation that goes on.

    Attributes:
        number: Of the generation.
        segment: Its file.
        since_ns: When it began.
        replayed: What the file says.
    """

    number: int
    segment: Segment
    since_ns: int
    replayed: Replayed


def open_newest(
    folder: StoreFolder, lock: StoreLock, identity: str, now_ns: int, *, anew: bool
) -> Newest:
    """Open the newest generation, or begin one where there is none.

    Args:
        folder: The store.
        lock: Held; is told what is opened.
        identity: Of the session, as in the header of its files.
        now_ns: When, nanoseconds since the epoch, UTC.
        anew: Begin one in any case, whatever the one before looks like.

    Raises:
        StoreError: It is damaged, incomplete, newer, of another session, or cannot be used.
        OSError: The lock cannot be written.
    """
    previous = lock.previous
    known = previous.generation if previous is not None else 0
    generations = folder.generations()
    newest = generations[-1] if generations else 0
    if newest < known and not anew:
        raise StoreError(
            folder.segment_path(known),
            f"missing segment: generation {known} was in use, the newest here is {newest}",
        )
    size = 0
    if newest == 0 or anew:
        newest += 1
        segment = folder.create(newest, encode_file_header(newest, now_ns, identity))
    else:
        segment = folder.open(newest)
        if previous is not None and newest == known:
            size = previous.size
    try:
        if segment.size < size:
            raise too_short(segment.path, segment.size, size)
        header = segment.header()
        _check_header(segment, header, identity, newest)
        unsynced_from = size if may_be_unsynced(previous) else None
        replayed = replay(segment, header.size, unsynced_from=unsynced_from)
        # What has been read must not be lost any more: what comes builds on it.
        segment.sync()
        lock.remember(newest, segment.size)
    except BaseException:
        segment.close()
        raise
    return Newest(newest, segment, header.created_ns, replayed)


def _check_header(segment: Segment, header: FileHeader, identity: str, generation: int) -> None:
    if header.identity != identity:
        theirs, ours = (text.replace("\x01", " ") for text in (header.identity, identity))
        raise StoreError(
            segment.path, f"the store of another session: {theirs!r}, expected {ours!r}", offset=0
        )
    if header.generation != generation:
        reason = f"generation {header.generation} by its header, {generation} by its name"
        raise StoreError(segment.path, reason, offset=0)

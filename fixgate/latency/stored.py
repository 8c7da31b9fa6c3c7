"""The messages of fixgate's own stores, as logs have them: with the instant of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fixgate.errors import RecordingError, StoreError
from fixgate.latency.remarks import Remarks
from fixgate.net.readonly import ReadOnlyFolder, search_stores
from fixgate.net.records import RecordKind
from fixgate.net.survey import Damage, read_sound

__all__ = ["stored_messages"]

_DIRECTIONS = {int(RecordKind.OUT): ">", int(RecordKind.IN): "<"}


def stored_messages(path: str, remarks: Remarks) -> Iterator[tuple[str, int, bytes]]:
    """Yield direction, instant and bytes of every message of the stores in a folder.

    Args:
        path: The folder: of a store, or of several.
        remarks: Where to say what is damaged.

    Raises:
        RecordingError: It cannot be read, or there is no store in it.
    """
    try:
        stores = search_stores(Path(path))
        if not stores:
            raise RecordingError(path, "no store of fixgate is in it; expected one, or a log")
        for store in stores:
            yield from _messages(store, remarks)
    except StoreError as error:
        raise RecordingError(error.path, error.reason, offset=error.offset) from error


def _messages(store: Path, remarks: Remarks) -> Iterator[tuple[str, int, bytes]]:
    with ReadOnlyFolder(store) as folder:
        generations, wrong = folder.generations()
        for error in wrong:
            remarks.add(f"damage of {store}", str(error))
        for generation in generations:
            with folder.segment(generation) as segment:
                for item in read_sound(segment, segment.header().size):
                    match item:
                        case Damage():
                            text = StoreError(item.path, item.reason, offset=item.offset)
                            remarks.add(f"damage of {store}", f"{text}; what can be read counts")
                        case (_, kind, _, at_ns, message) if kind in _DIRECTIONS:
                            yield _DIRECTIONS[kind], at_ns, message
                        case _:
                            pass

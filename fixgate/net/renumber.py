"""Sequence numbers moved by hand, with the reason in the store's audit trail."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fixgate.errors import LocalProtocolError, StoreError
from fixgate.net.audit import AuditEntry, Numbers, append_audit, whoami
from fixgate.net.journal import JournalStore
from fixgate.net.readonly import read_session_id
from fixgate.net.records import MAX_NUMBER
from fixgate.net.replay import Recovered
from fixgate.net.segments import folder_name
from fixgate.net.survey import survey
from fixgate.session.settings import SessionId

__all__ = ["Renumbered", "renumber"]


@dataclass(frozen=True, slots=True)
class Renumbered:
    """Numbers that were moved.

    Attributes:
        session_id: Whose.
        entry: What the audit trail says about it.
        recovered: A torn record that was cut when the store was opened, or ``None``.
    """

    session_id: SessionId
    entry: AuditEntry
    recovered: Recovered | None


def renumber(
    path: Path, *, next_out: int | None, next_in: int | None, reset: bool, reason: str, now_ns: int
) -> Renumbered:
    """Move the sequence numbers of a store that nobody has in use.

    A damaged store tells no numbers; it goes on in a new generation, with numbers that are given.
    The audit trail has the change before the store has it, so that none goes unexplained; when
    the store cannot be written after that, the trail says so too.

    Args:
        path: The folder of one session.
        next_out: MsgSeqNum(34) of our next message; ``None`` leaves it.
        next_in: MsgSeqNum(34) to expect next; ``None`` leaves it.
        reset: Begin a new generation first: nothing from before is ever sent again. With neither
            number given, both restart at 1.
        reason: Why.
        now_ns: When, nanoseconds since the epoch, UTC.

    Raises:
        LocalProtocolError: Our number would go back without a reset, or a number is below 1 or
            past 64 bits.
        StoreError: The store is in use, cannot be written, or is damaged and not all of ``reset``
            and the two numbers are given.
    """
    _check_range(next_out, next_in)
    session_id = _session_of(path)
    given = reset and next_out is not None and next_in is not None
    store, before = _open(path, session_id, now_ns, mend=given)
    try:
        if reset and next_out is None and next_in is None:
            next_out = next_in = 1
        after = Numbers(
            max(before.generation + reset, store.generation),
            before.next_out if next_out is None else next_out,
            before.next_in if next_in is None else next_in,
        )
        _check_forward(before, after)
        entry = AuditEntry(now_ns, whoami(), os.getpid(), before, after, reason)
        _write(store, path, entry)
    finally:
        store.close()
    return Renumbered(session_id, entry, store.recovered)


def _open(
    path: Path, session_id: SessionId, now_ns: int, *, mend: bool
) -> tuple[JournalStore, Numbers]:
    """Open a store; return it, and the numbers before, of a damaged one as far as it is sound."""
    root = path.resolve().parent
    try:
        store = JournalStore(root, session_id, now_ns)
    except StoreError:
        if not mend:
            raise
    else:
        return store, Numbers(store.generation, store.next_out, store.next_in)
    newest = survey(path).newest
    before = Numbers(newest.number, newest.next_out, newest.next_in) if newest else Numbers(0, 1, 1)
    return JournalStore(root, session_id, now_ns, anew=True), before


def _check_range(*numbers: int | None) -> None:
    for number in numbers:
        if number is not None and not 1 <= number <= MAX_NUMBER:
            raise LocalProtocolError(f"MsgSeqNum(34) {number} is not from 1 to {MAX_NUMBER}")


def _check_forward(before: Numbers, after: Numbers) -> None:
    if after.generation == before.generation and after.next_out < before.next_out:
        raise LocalProtocolError(
            f"MsgSeqNum(34) cannot go back from {before.next_out} to {after.next_out} "
            "without a reset: those numbers have been used"
        )


def _session_of(path: Path) -> SessionId:
    session_id = read_session_id(path)
    expected = folder_name(session_id)
    if path.resolve().name != expected:
        raise StoreError(str(path), f"the folder's name should be '{expected}'")
    return session_id


def _write(store: JournalStore, path: Path, entry: AuditEntry) -> None:
    folder_fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        append_audit(folder_fd, str(path), entry)
        if entry.after.generation != store.generation:
            store.reset(entry.at_ns)
        if entry.after.next_out != store.next_out:
            store.set_next_out(entry.after.next_out, entry.at_ns)
        if entry.after.next_in != store.next_in:
            store.set_next_in(entry.after.next_in, entry.at_ns)
        try:
            # Lets go as well: what could not be written now must not be written later.
            store.close()
        except StoreError as error:
            append_audit(folder_fd, str(path), _undone(entry, error))
            raise
    finally:
        os.close(folder_fd)


def _undone(entry: AuditEntry, error: StoreError) -> AuditEntry:
    reason = f"not done: {error.reason}"
    return AuditEntry(entry.at_ns, entry.who, entry.pid, entry.before, entry.before, reason)

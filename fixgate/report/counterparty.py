"""The counterparty's end of our sessions: its store, its logs, or both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.net.flow import Flow
from fixgate.net.sides import Side, find_sides, reverse
from fixgate.report.filelog import find_logs, read_logs
from fixgate.report.text import format_instant, printable
from fixgate.session.settings import SessionId

__all__ = ["read_counterparty"]


def read_counterparty(
    folder: Path, logs: Sequence[Path], ours: Sequence[Side]
) -> tuple[list[Side], list[str]]:
    """Return the other end of sessions.

    Args:
        folder: Of its store, of its logs of messages, or of both.
        logs: More of its logs, or folders of them.
        ours: Our end.

    Returns:
        The sessions, and what is to be said of the logs.

    Raises:
        StoreError: There is neither a store nor a log, or one cannot be read.
    """
    files = find_logs(folder)
    for path in logs:
        found = find_logs(path) if path.is_dir() else [path]
        if not found:
            raise StoreError(str(path), "no log of messages is here: no file *.messages.*")
        files += found
    sides = find_sides(folder)
    if not sides and not files:
        raise StoreError(
            str(folder), "neither a store nor a log of messages (*.messages.*) is here"
        )
    began: dict[SessionId, int] = {}
    for side in ours:
        if side.session_id is not None:
            earlier = began.setdefault(side.session_id, side.since_ns)
            began[side.session_id] = min(earlier, side.since_ns)
    read = read_logs(files, began)
    for session_id, since_ns in began.items():
        other = reverse(session_id)
        flows = [read.flows.get(each, Flow()) for each in (other, session_id)]
        if (last_ns := _last_ns(flows)) is not None and last_ns < since_ns:
            read.remarks.append(
                f"{printable(str(other))}: its log ends at {format_instant(last_ns, digits=0)}, "
                f"before our numbers began at {format_instant(since_ns, digits=0)}: not compared"
            )
        elif any(flow.kept for flow in flows):
            _complete(sides, other, folder, *flows)
    for names in read.others:
        other = SessionId(*names)
        if not any(side.is_of(each) for side in sides for each in (other, reverse(other))):
            read.remarks.append(f"not compared: {printable(str(other))}: only in the logs")
    return sides, read.remarks


def _last_ns(flows: Sequence[Flow]) -> int | None:
    return max((flow.last_ns for flow in flows if flow.last_ns is not None), default=None)


def _complete(
    sides: list[Side], other: SessionId, folder: Path, sent: Flow, received: Flow
) -> None:
    """Add what logs have of one session to its store; without one they are all there is."""
    found = [side for side in sides if side.is_of(other)]
    if not found:
        found = [Side(folder, str(other), other, next_out=None, next_in=None)]
        sides += found
    for side in found:
        if not side.sent.kept:
            side.sent = sent
        if not side.received.kept:
            side.received = received
        side.sent.twice |= sent.twice
        if side.next_out is None or side.next_in is None:
            side.derived = True
            side.next_out = sent.end if side.next_out is None else side.next_out
            side.next_in = received.expected if side.next_in is None else side.next_in

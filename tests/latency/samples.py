"""Samples by hand: the fewest instants that make one."""

from __future__ import annotations

from fixgate.triage.model import Exchange, Mark, Sample, StampSource

START_NS = 1_795_336_200_000_000_000
US, MS, S = 1_000, 1_000_000, 1_000_000_000


def sample(
    wire_ns: int | None = 100 * US,
    *,
    at_ns: int = 0,
    late_ns: int | None = None,
    before_ns: int = 10 * US,
    after_ns: int = 20 * US,
    kind: Exchange = Exchange.HEARTBEAT,
    session: str = "xlon",
    source: StampSource = StampSource.KERNEL,
    marks: tuple[Mark, ...] = (),
    app_ns: int = 100 * US,
) -> Sample:
    """Make a sample; without ``wire_ns`` it is ``app_ns`` by the application alone."""
    sent_ns = START_NS + at_ns
    due_ns = None if late_ns is None else sent_ns - late_ns
    if wire_ns is None:
        return Sample(
            kind,
            f"T{at_ns}",
            sent_ns,
            sent_ns + app_ns,
            StampSource.USER,
            due_ns,
            marks=frozenset(marks),
            session=session,
        )
    return Sample(
        kind,
        f"T{at_ns}",
        app_sent_ns=sent_ns,
        app_received_ns=sent_ns + before_ns + wire_ns + after_ns,
        source=source,
        due_ns=due_ns,
        sent_ns=sent_ns + before_ns,
        received_ns=sent_ns + before_ns + wire_ns,
        marks=frozenset(marks),
        session=session,
    )

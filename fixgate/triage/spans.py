"""The stretches of a sample's way, as far as its instants tell them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from fixgate.triage.model import Sample

__all__ = ["CHAIN", "CHAIN_UNSTAMPED", "Span", "contradiction_ns", "spans_of"]


class Span(Enum):
    """From where to where; the value is what people read."""

    WAIT = "due to application"
    OUT = "application to kernel"
    QUEUE = "kernel queue"
    CARD = "kernel to network card and back"
    """Where the card stamps: what its driver and its interrupts take, on both ways."""
    WIRE = "wire to wire"
    IN = "kernel to application"
    APP = "application to application"
    RESPONSE = "due to reply"
    TO_VENUE = "wire to RequestTime(5979)"
    """Of two clocks: only how it differs from the usual says anything."""
    GATEWAY = "RequestTime(5979) to Time In"
    MATCHING = "Time In to TransactTime(60)"
    INSIDE = "RequestTime(5979) to TransactTime(60)"
    """Gateway and matching in one, of a venue that does not say when matching had it."""
    REPLY = "TransactTime(60) to SendingTime(52)"
    FROM_VENUE = "SendingTime(52) to wire"
    """Of two clocks, as `TO_VENUE` is."""


CHAIN = (Span.WAIT, Span.OUT, Span.QUEUE, Span.CARD, Span.WIRE, Span.IN)
"""What a response is made of, in order, where the wire was stamped."""

CHAIN_UNSTAMPED = (Span.WAIT, Span.APP)


def spans_of(sample: Sample) -> Mapping[Span, int]:
    """Return how long each stretch took, nanoseconds, for those whose ends are known.

    Those of one clock are never below 0; those of two clocks may be.
    """
    found = {
        Span.WAIT: max(sample.response_ns - sample.app_ns, 0),
        Span.APP: max(sample.app_ns, 0),
        Span.RESPONSE: max(sample.response_ns, sample.app_ns, 0),
    }
    sent_ns, received_ns = sample.sent_ns, sample.received_ns
    if sent_ns is not None and received_ns is not None and sent_ns <= received_ns:
        handed_ns = sent_ns if sample.scheduled_ns is None else min(sample.scheduled_ns, sent_ns)
        found[Span.OUT] = max(handed_ns - sample.app_sent_ns, 0)
        found[Span.QUEUE] = sent_ns - handed_ns
        found[Span.WIRE] = kernels_ns = max(received_ns - sent_ns, 0)
        if sample.card_ns is not None:
            found[Span.WIRE] = min(max(sample.card_ns, 0), kernels_ns)
            found[Span.CARD] = kernels_ns - found[Span.WIRE]
        found[Span.IN] = max(sample.app_received_ns - received_ns, 0)
    found.update(_venue_spans(sample))
    return found


def _venue_spans(sample: Sample) -> Iterator[tuple[Span, int]]:
    venue = sample.venue
    if venue is None:
        return
    request, entered, done, left = (
        venue.request_ns,
        venue.entered_ns,
        venue.transact_ns,
        venue.sending_ns,
    )
    if request is not None and sample.sent_ns is not None:
        yield Span.TO_VENUE, request - sample.sent_ns
    if request is not None and entered is not None:
        yield Span.GATEWAY, max(entered - request, 0)
    if entered is not None and done is not None:
        yield Span.MATCHING, max(done - entered, 0)
    if entered is None and request is not None and done is not None:
        yield Span.INSIDE, max(done - request, 0)
    if done is not None and left is not None:
        yield Span.REPLY, max(left - done, 0)
    if left is not None and sample.received_ns is not None:
        yield Span.FROM_VENUE, sample.received_ns - left


def contradiction_ns(sample: Sample) -> int:
    """Return by how much the instants of a sample go back in time at the worst; 0 for sound ones.

    The application's come from the same clock as the kernel's. More than the reading of a clock
    costs means that it was set in between. That a request left after its reply came does not: its
    stamp is then one of later bytes, where the kernel sent several writes as one.
    """
    sent_ns, came_ns = sample.app_sent_ns, sample.app_received_ns
    behind = [sent_ns - came_ns]
    if sample.scheduled_ns is not None:
        behind.append(sent_ns - sample.scheduled_ns)
    if sample.received_ns is not None:
        behind.append(sample.received_ns - came_ns)
    return max(0, *behind)

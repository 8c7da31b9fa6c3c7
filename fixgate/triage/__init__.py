"""What a slow sample or a failed check says about the layer at fault. Pure."""

# .model
from fixgate.triage.model import (
    Confidence,
    Exchange,
    Layer,
    Mark,
    Sample,
    StampSource,
    VenueTimes,
    Verdict,
)

# .venue_times
from fixgate.triage.venue_times import venue_times

__all__ = [
    "Confidence",
    "Exchange",
    "Layer",
    "Mark",
    "Sample",
    "StampSource",
    "VenueTimes",
    "Verdict",
    "venue_times",
]

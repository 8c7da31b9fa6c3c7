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

__all__ = [
    "Confidence",
    "Exchange",
    "Layer",
    "Mark",
    "Sample",
    "StampSource",
    "VenueTimes",
    "Verdict",
]

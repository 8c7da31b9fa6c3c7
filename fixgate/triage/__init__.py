"""What a slow sample or a failed check says about the layer at fault. Pure."""

# .baseline
from fixgate.triage.baseline import Baseline, Spread, baselines_of

# .context
from fixgate.triage.context import Connect, Context, Elsewhere, Placement, Route, Surroundings

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

# .record
from fixgate.triage.record import read_samples, sample_line

# .rules
from fixgate.triage.rules import RULES, judge

# .split
from fixgate.triage.split import Part, split

# .venue_times
from fixgate.triage.venue_times import venue_times

__all__ = [
    "RULES",
    "Baseline",
    "Confidence",
    "Connect",
    "Context",
    "Elsewhere",
    "Exchange",
    "Layer",
    "Mark",
    "Part",
    "Placement",
    "Route",
    "Sample",
    "Spread",
    "StampSource",
    "Surroundings",
    "VenueTimes",
    "Verdict",
    "baselines_of",
    "judge",
    "read_samples",
    "sample_line",
    "split",
    "venue_times",
]

"""Checks by level, and what they find."""

# .causes
from fixgate.health.causes import CAUSES, Cause

# .direct
from fixgate.health.direct import Identity, direct_plan

# .fleet
from fixgate.health.fleet import CONCURRENCY, run_fleet

# .judge
from fixgate.health.judge import judge, phases_of

# .model
from fixgate.health.model import (
    CheckPlan,
    CheckReport,
    Evidence,
    Expectation,
    Finding,
    FleetReport,
    Layer,
    Level,
    OrderPlan,
    Phase,
    PhaseResult,
    Severity,
    Status,
)

# .progress
from fixgate.health.progress import NoProgress, Progress

__all__ = [
    "CAUSES",
    "CONCURRENCY",
    "Cause",
    "CheckPlan",
    "CheckReport",
    "Evidence",
    "Expectation",
    "Finding",
    "FleetReport",
    "Identity",
    "Layer",
    "Level",
    "NoProgress",
    "OrderPlan",
    "Phase",
    "PhaseResult",
    "Progress",
    "Severity",
    "Status",
    "direct_plan",
    "judge",
    "phases_of",
    "run_fleet",
]

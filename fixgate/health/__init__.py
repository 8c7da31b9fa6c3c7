"""Checks by level, and what they find."""

# .causes
from fixgate.health.causes import CAUSES, Cause

# .direct
from fixgate.health.direct import Identity, direct_plan

# .endings
from fixgate.health.endings import ENDINGS, Course, Ending, Next

# .fleet
from fixgate.health.fleet import CONCURRENCY, run_fleet

# .judge
from fixgate.health.judge import judge, phases_of

# .keeper
from fixgate.health.keeper import Keeper

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

# .standing
from fixgate.health.standing import Standing, State

# .watch
from fixgate.health.watch import Watch

__all__ = [
    "CAUSES",
    "CONCURRENCY",
    "ENDINGS",
    "Cause",
    "CheckPlan",
    "CheckReport",
    "Course",
    "Ending",
    "Evidence",
    "Expectation",
    "Finding",
    "FleetReport",
    "Identity",
    "Keeper",
    "Layer",
    "Level",
    "Next",
    "NoProgress",
    "OrderPlan",
    "Phase",
    "PhaseResult",
    "Progress",
    "Severity",
    "Standing",
    "State",
    "Status",
    "Watch",
    "direct_plan",
    "judge",
    "phases_of",
    "run_fleet",
]

"""Measuring latency: the prober, captures and logs; distributions, budgets, the slowest."""

# .budget
from fixgate.latency.budget import parse_budget

# .from_capture
from fixgate.latency.from_capture import record_captures

# .from_log
from fixgate.latency.from_log import record_logs

# .model
from fixgate.latency.model import (
    Budget,
    BudgetOutcome,
    Distribution,
    Figure,
    LatencyPlan,
    LatencyReport,
    Mode,
    Series,
    SlowSample,
)

# .recording
from fixgate.latency.recording import Recording, SessionFound, Unmeasured

# .summary
from fixgate.latency.summary import Summary

__all__ = [
    "Budget",
    "BudgetOutcome",
    "Distribution",
    "Figure",
    "LatencyPlan",
    "LatencyReport",
    "Mode",
    "Recording",
    "Series",
    "SessionFound",
    "SlowSample",
    "Summary",
    "Unmeasured",
    "parse_budget",
    "record_captures",
    "record_logs",
]

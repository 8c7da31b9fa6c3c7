"""Measuring latency: the prober, captures and logs; distributions, budgets, the slowest."""

# .budget
from fixgate.latency.budget import parse_budget

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
    "Series",
    "SlowSample",
    "Summary",
    "parse_budget",
]

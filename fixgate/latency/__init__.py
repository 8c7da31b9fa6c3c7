"""Measuring latency: samples out of a history, a capture or a log; the prober; percentiles."""

# .pairing
from fixgate.latency.pairing import Pair, Pairing, Passed, Unanswered, Why

# .questions
from fixgate.latency.questions import QUESTIONS, Outcome, Question

__all__ = [
    "QUESTIONS",
    "Outcome",
    "Pair",
    "Pairing",
    "Passed",
    "Question",
    "Unanswered",
    "Why",
]

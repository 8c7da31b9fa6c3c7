"""Requests paired with their replies, and with the instants of their way. Pure."""

# .assembler
from fixgate.sampling.assembler import LATE_NS, Assembler, Measured

# .pairing
from fixgate.sampling.pairing import Pair, Pairing, Passed, Unanswered, Why

# .questions
from fixgate.sampling.questions import QUESTIONS, Outcome, Question

__all__ = [
    "LATE_NS",
    "QUESTIONS",
    "Assembler",
    "Measured",
    "Outcome",
    "Pair",
    "Pairing",
    "Passed",
    "Question",
    "Unanswered",
    "Why",
]

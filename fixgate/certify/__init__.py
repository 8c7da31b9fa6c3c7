"""Certification: packs of cases, choosing of them, and grading of what was played."""

# .choosing
from fixgate.certify.choosing import NothingChosenError, only

# .grading
from fixgate.certify.grading import Grade, Graded, certificate, strictly

# .pack
from fixgate.certify.pack import Case, Pack

__all__ = [
    "Case",
    "Grade",
    "Graded",
    "NothingChosenError",
    "Pack",
    "certificate",
    "only",
    "strictly",
]

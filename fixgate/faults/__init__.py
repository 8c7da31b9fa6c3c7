"""Misbehaviour as values: what is wrong is always something that was asked for."""

# .silence
from fixgate.faults.silence import Silence

__all__ = ["Silence"]

"""This machine and this process: facts with what good looks like, and local stalls."""

# .stall
from fixgate.host.stall import Stall, StallKind

__all__ = ["Stall", "StallKind"]

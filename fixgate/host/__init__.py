"""This machine and this process: facts with what good looks like, and local stalls."""

# .stall
from fixgate.host.stall import Stall, StallKind

# .window
from fixgate.host.window import Counters, Counts, Window, read_counters

__all__ = ["Counters", "Counts", "Stall", "StallKind", "Window", "read_counters"]

"""This machine and this process: facts with what good looks like, and local stalls."""

# .lateness
from fixgate.host.lateness import Lateness

# .stall
from fixgate.host.stall import Stall, StallKind

# .stall_watch
from fixgate.host.stall_watch import StallWatch

# .window
from fixgate.host.window import Counters, Counts, Window, read_counters

__all__ = [
    "Counters",
    "Counts",
    "Lateness",
    "Stall",
    "StallKind",
    "StallWatch",
    "Window",
    "read_counters",
]

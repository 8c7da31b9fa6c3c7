"""Where each fact is read: the only part of the account that looks at the machine."""

# .snapshot
from fixgate.host.reading.snapshot import read_interrupts, read_snapshot

__all__ = ["read_interrupts", "read_snapshot"]

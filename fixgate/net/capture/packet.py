"""What a capture file has: packets, and places where it is damaged."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Damage", "Packet"]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as the capture has it.

    Attributes:
        at_ns: When it passed, nanoseconds since the epoch; ``None`` where the file does not say.
        link: The link type, a number of tcpdump.org's list: what ``data`` begins with.
        data: Its bytes, or the first of them.
        length: How many it had on the line.
        offset: Of its record in the file, bytes.
        unit_ns: How fine ``at_ns`` is, at least 1.
    """

    at_ns: int | None
    link: int
    data: bytes
    length: int
    offset: int
    unit_ns: int


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the file is not what its format asks for.

    Attributes:
        offset: In the file, bytes; in what was packed, where the file is gzip.
        reason: What was found and what was expected.
    """

    offset: int
    reason: str

"""Logs of messages as QuickFIX's engines write them, from their own sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

NAME = "FIX.4.4-VENUE-CLIENT"

# Of each engine the name of its file, what stands before a message, and the end of a line.
ENGINES = {
    "C++": ("messages.current.log", b"20260101-09:00:00.123456789 : ", b"\n"),
    "/n": ("messages.current.log", b"20260101-09:00:00.123 : ", b"\r\n"),
    "/J": ("messages.log", b"", b"\n"),
    "/J with times": ("messages.log", b"20260101-09:00:00: ", b"\n"),
    "Go": ("messages.current.log", b"2026/01/01 09:00:00.123456 ", b"\n"),
}


def lines(messages: Sequence[bytes], engine: str = "C++") -> bytes:
    """Return the lines of a log."""
    _, before, end = ENGINES[engine]
    return b"".join(before + each + end for each in messages)


def write_log(
    folder: Path, messages: Sequence[bytes], engine: str = "C++", name: str = NAME
) -> Path:
    """Write the log of one session."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.{ENGINES[engine][0]}"
    path.write_bytes(lines(messages, engine))
    return path

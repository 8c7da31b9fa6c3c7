"""Where the fuzzer finds and keeps things."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CORPUS", "FOUND", "REGRESSIONS", "ROOT", "SAMPLES", "shown"]

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""

SAMPLES = ROOT / "fuzz" / "samples"
"""Sound files for the readers of files."""

FOUND = ROOT / "fuzz" / "found"
"""Inputs that failed, in a folder for each target; not under version control."""

REGRESSIONS = ROOT / "fuzz" / "regressions"
"""Inputs that failed once and must not again, likewise."""

CORPUS = ROOT / "fuzz" / "corpus"
"""Inputs that coverage led to, likewise; not under version control."""


def shown(path: Path) -> Path:
    """Return a path as people use it in the repository."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path

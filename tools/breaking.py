"""Breaking one place of a copy of the code, and mending it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Break", "a_copy", "broken", "environment"]

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("fixgate", "tests", "sessions", "scenarios")


@dataclass(frozen=True, slots=True)
class Break:
    """How a place is broken.

    Attributes:
        file: Below fixgate/.
        code: What stands there exactly once.
        broken: What takes its place.
    """

    file: str
    code: str
    broken: str

    @property
    def source(self) -> Path:
        """The file, relative to the root."""
        return Path("fixgate") / self.file

    def apply(self, text: str) -> str:
        """Return the source with the place broken.

        Raises:
            ValueError: The code does not stand in it exactly once.
        """
        found = text.count(self.code)
        if found != 1:
            raise ValueError(f"{self.source}: found {found} times, expected once:\n{self.code}")
        return text.replace(self.code, self.broken)


@contextmanager
def a_copy() -> Iterator[Path]:
    """Give a copy of the code, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)
        yield folder


@contextmanager
def broken(folder: Path, how: Break) -> Iterator[None]:
    """Break a place of the copy, and mend it."""
    path = folder / how.source
    whole = path.read_text(encoding="utf-8")
    path.write_text(how.apply(whole), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which Python imports the copy."""
    return os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}

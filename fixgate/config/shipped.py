"""The files that come with fixgate, for users to copy."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["SCHEMA_NAME", "shipped_files", "shipped_text", "summary"]

SCHEMA_NAME = "fixgate.schema.json"
"""The file that the modeline of every shipped file names."""


def _folder() -> Traversable:
    """Return ``sessions/`` of the wheel, or of the repository when running from a checkout."""
    package = resources.files("fixgate")
    wheel = package / "_shipped" / "sessions"
    if wheel.is_dir():
        return wheel
    return Path(str(package)).parent / "sessions"


def shipped_files() -> tuple[str, ...]:
    """Return the names of the shipped files, sorted."""
    return tuple(sorted(f.name for f in _folder().iterdir() if f.name.endswith(".yaml")))


def shipped_text(name: str) -> str:
    """Return the text of a shipped file.

    Args:
        name: With or without ``.yaml``.

    Raises:
        KeyError: There is no such file.
    """
    file = name if name.endswith(".yaml") else f"{name}.yaml"
    if file not in shipped_files():
        raise KeyError(name)
    return (_folder() / file).read_text(encoding="utf-8")


def summary(text: str) -> str:
    """Return the first comment of a file that is not its modeline."""
    comments = (line[2:].strip() for line in text.splitlines() if line.startswith("# "))
    return next((line for line in comments if not line.startswith("yaml-language-server")), "")

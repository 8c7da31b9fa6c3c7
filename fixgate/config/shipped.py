"""The files that come with fixgate, for users to copy."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["SCHEMA_NAME", "shipped_files", "shipped_folder", "shipped_text", "summary"]

SCHEMA_NAME = "fixgate.schema.json"
"""The file that the modeline of every shipped file names."""


def shipped_folder(name: str) -> Path:
    """Return ``sessions`` or ``scenarios`` of the installed package, or of the checkout.

    Args:
        name: The folder's name.
    """
    package = Path(str(resources.files("fixgate")))
    wheel = package / "_shipped" / name
    return wheel if wheel.is_dir() else package.parent / name


def _folder() -> Path:
    return shipped_folder("sessions")


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

"""Files to start a scenario from, for users to copy."""

from __future__ import annotations

from importlib import resources

__all__ = ["template_names", "template_text"]

_FIRST = "question"
"""The one to start from when nothing is said."""


def template_names() -> tuple[str, ...]:
    """Return the names of the templates, the simplest first."""
    folder = resources.files("fixgate.config.scenarios") / "starting"
    names = sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.is_file())
    return (_FIRST, *(name for name in names if name != _FIRST))


def template_text(name: str) -> str:
    """Return the text of a template.

    Args:
        name: One of `template_names`.

    Raises:
        KeyError: There is none of that name.
    """
    if name not in template_names():
        raise KeyError(name)
    folder = resources.files("fixgate.config.scenarios") / "starting"
    return (folder / f"{name}.yaml").read_text(encoding="utf-8")

"""What kinds of steps mean, in words: for ``fixgate scenario explain`` and docs/scenarios.md."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from fixgate.config.scenarios.steps import KINDS

__all__ = ["STEP_DOCS", "explain_step"]

STEP_DOCS: Mapping[str, str] = {kind.name: kind.doc for kind in KINDS.values()}
"""What each kind of step means, by its action."""

_WIDTH = 96


def explain_step(action: str) -> str:
    """Return what a kind of step means, what it takes, and an example.

    Args:
        action: Its key, such as ``send``.

    Raises:
        KeyError: There is no such kind.
    """
    kind = KINDS[action]
    rows = [(option.name, option.doc) for option in (kind.action, *kind.options)]
    width = max(len(name) for name, _ in rows) + 2
    lines = [*textwrap.wrap(kind.doc, _WIDTH), ""]
    for name, doc in rows:
        lines += textwrap.wrap(
            doc, _WIDTH, initial_indent=f"  {name:{width}}", subsequent_indent=" " * (width + 2)
        )
    return "\n".join([*lines, "", *(f"  {line}" for line in kind.example.splitlines())])

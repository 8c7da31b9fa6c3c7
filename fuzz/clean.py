"""What a text may hold that goes to a terminal or a log."""

from __future__ import annotations

import re

__all__ = ["is_clean"]

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def is_clean(text: str) -> bool:
    """Whether a text has no control characters, line ends included."""
    return _CONTROL.search(text) is None

"""The session: a story goes in.

Contract: see `fuzz.play`.
"""

from __future__ import annotations

from fuzz.play import Player
from fuzz.stories import any_story, changed_story
from fuzz.story import Story
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

make, change = any_story, changed_story


def run(data: bytes, watch: Watch) -> None:
    """Play a story."""
    Player(Story.parse(data), watch).play()

from __future__ import annotations

from fixgate.health.model import Phase
from fixgate.health.progress import NoProgress, Progress
from tests.health.helpers import Story, plan


def test_nobody_watches_without_a_word():
    watcher: Progress = NoProgress()
    watcher.started(plan())
    watcher.phase(plan(), Phase.TCP)
    watcher.ended(Story().connected().judged())

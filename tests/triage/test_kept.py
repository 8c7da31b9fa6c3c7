"""Runs of bench/triage.py as they were kept: the same verdicts without a network.

What was injected is a file's name. This machine's own share in a run is real as well.
"""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from fixgate.triage import Confidence, Layer, Surroundings, Verdict, judge, read_samples, split

FOLDER = Path(__file__).parents[1] / "data" / "triage"
LAYERS = {
    "gateway-delay": Layer.GATEWAY,
    "matching-delay": Layer.MATCHING,
    "reply-delay": Layer.GATEWAY,
    "network-delay": Layer.PATH,
    "loss-toward-the-venue": Layer.PATH,
    "loss-toward-us": Layer.PATH,
    "CPU-contention": Layer.HOST,
    "blocked-event-loop": Layer.HOST,
    "peer-not-reading": Layer.PEER_READING,
}
OURS = {Layer.HOST, Layer.STACK}


def kept(cause: str) -> list[tuple[int, Verdict]]:
    """How long each slow sample took, and what is said of it."""
    file = FOLDER / f"{cause}.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        samples = list(read_samples(lines, str(file)))
    around = Surroundings(samples)
    slow = [each for each in samples if each.kind.of_request and around.is_slow(each)]
    for each in slow:
        parts = split(each, around.context(each))
        assert sum(part.duration_ns for part in parts) == each.response_ns
    return [(each.response_ns, judge(each, around.context(each))) for each in slow]


def test_every_kept_run_is_judged():
    assert {file.name for file in FOLDER.iterdir()} == {f"{cause}.jsonl.gz" for cause in LAYERS}


@pytest.mark.parametrize("cause", LAYERS)
def test_the_layer_at_fault(cause: str):
    verdicts = kept(cause)
    blamed: Counter[Layer] = Counter()
    for took_ns, verdict in verdicts:
        blamed[verdict.layer] += took_ns
    assert len(verdicts) > 3
    assert blamed.most_common(1)[0][0] is LAYERS[cause], blamed


@pytest.mark.parametrize("cause", LAYERS)
def test_nobody_else_is_surely_at_fault(cause: str):
    verdicts = kept(cause)
    sure = {verdict.layer for _, verdict in verdicts if verdict.confidence is Confidence.HIGH}
    assert sure <= {LAYERS[cause], *OURS}

"""The loop that coverage guides, where atheris is installed.

libFuzzer keeps the inputs that reach new code of fixgate and asks for changes of them; what a
change is, the target knows. A batch ends with its process, for libFuzzer never returns.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fuzz.loop import Batch, Judge, Outcome, guarded
from fuzz.places import CORPUS, REGRESSIONS
from fuzz.targets import target

__all__ = ["guidance", "guide_batch"]

_MOST_BYTES = 1 << 17
_TOLD_EVERY = 20
_FIRST = 40
"""Inputs that a corpus begins with."""


def guidance() -> str:
    """Return what guides, empty when atheris is not installed."""
    try:
        return f"atheris {version('atheris')}"
    except PackageNotFoundError:
        return ""


def guide_batch(batch: Batch, tell: Callable[[Outcome], None], corpus: Path = CORPUS) -> None:
    """Run a batch and leave the process.

    Args:
        batch: Its inputs differ from run to run: they depend on the corpus so far.
        tell: Is told the outcome every so often, and at the end.
        corpus: Folder of the inputs that lead to new code, in a folder for each target.
    """
    import atheris  # only where it was asked for: there are no wheels for many systems

    with atheris.instrument_imports(include=["fixgate"]):
        of = target(batch.target)
    judge = Judge(of, batch.target)

    def one(data: bytes) -> None:
        judge.take(data)
        inputs = judge.outcome.watch.inputs
        if inputs >= batch.inputs or not inputs % _TOLD_EVERY:
            tell(judge.outcome)

    def change(data: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        changed = of.change(dice, data) if data and dice.random() < 0.9 else of.make(dice)
        return changed[:most]

    folder = corpus / batch.target
    _prepare(folder, batch)
    number = random.Random(f"{batch.seed}:{batch.number}").randrange(1, 1 << 31)
    options = (f"-runs={batch.inputs}", f"-seed={number}", f"-max_len={_MOST_BYTES}")
    # A leak is judged by the targets, and a slow input by the watch.
    off = ("-detect_leaks=0", "-report_slow_units=600", "-timeout=900", "-rss_limit_mb=0")
    kept = REGRESSIONS / batch.target
    folders = [str(folder), *([str(kept)] if kept.is_dir() else [])]
    atheris.Setup([sys.argv[0], *options, *off, *folders], one, custom_mutator=change)
    with guarded():
        atheris.Fuzz()


def _prepare(folder: Path, batch: Batch) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    of = target(batch.target)
    for index in range(_FIRST):
        (folder / f"first-{index}").write_bytes(of.make(batch.dice(index)))

"""The long run: batches of every target, on all cores, until enough messages have passed."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from fuzz.guided import guidance
from fuzz.loop import Batch, Outcome
from fuzz.places import ROOT, shown
from fuzz.tally import Tally
from fuzz.targets import TARGETS
from fuzz.watch import Watch

__all__ = ["MESSAGES", "Plan", "as_line", "batches", "outcome_of", "run"]

_ROUND = (
    *(("session", 600),) * 9,
    ("framer", 600),
    ("decoder", 1000),
    ("validator", 1500),
    ("dictionary", 6000),
    ("config", 500),
    ("scenario", 300),
    ("qf_settings", 800),
    ("store", 1500),
    ("qf_store", 4000),
    ("log", 500),
    ("capture", 500),
    ("host", 150),
)
"""Targets and inputs of the batches that come again and again, some seconds of work each."""

MESSAGES = 10_000_000
"""Mutated messages through framer and session that are enough, where nothing else is asked for."""

_GUIDED_SHARE = 4
"""Coverage costs: a guided batch has so many times fewer inputs."""
_TOLD_EVERY_S = 10.0
_TOO_LONG_S = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for.

    Attributes:
        seed: Decides every input that coverage does not.
        first: The number of the first batch, to go on where another run ended.
        messages: Mutated messages through framer and session, after which it is enough.
        for_s: Seconds after which it is enough, too; ``None`` for any time.
        jobs: Processes at a time.
        targets: Their names.
    """

    seed: str
    first: int = 0
    messages: int = MESSAGES
    for_s: float | None = None
    jobs: int = 1
    targets: tuple[str, ...] = TARGETS


def batches(plan: Plan, *, guided: bool) -> Iterator[Batch]:
    """Yield the batches of a plan, without end.

    In each round one target is guided by coverage, another one each time.
    """
    wanted = [(name, inputs) for name, inputs in _ROUND if name in plan.targets]
    for number in itertools.count(plan.first):
        turn, place = divmod(number, len(wanted))
        name, inputs = wanted[place]
        guide = guided and place == turn % len(wanted)
        size = inputs // _GUIDED_SHARE if guide else inputs
        yield Batch(name, plan.seed, number, size, guided=guide)


def run(plan: Plan) -> int:
    """Run until it is enough; return the exit code."""
    guide = guidance()
    how = f"coverage guides some batches ({guide})" if guide else "no coverage guidance"
    print(f"seed {plan.seed}, {plan.jobs} processes, {how}", flush=True)
    if not guide:
        print("for coverage guidance: make fuzz EXTRAS=dev,fuzz (CPython on Linux, x86-64)")
    tally, begun = Tally(next_batch=plan.first), time.monotonic()
    running: dict[Future[Outcome | None], Batch] = {}
    with ThreadPoolExecutor(plan.jobs) as pool:
        try:
            _all(plan, batches(plan, guided=bool(guide)), pool, running, tally)
        except KeyboardInterrupt:
            print("stopped")
            unfinished = (batch.number for batch in running.values())
            tally.next_batch = min(unfinished, default=tally.next_batch)
    print()
    print("\n".join(tally.summary()))
    go_on = f"make fuzz SEED={shlex.quote(plan.seed)} FROM={tally.next_batch}"
    print(f"{time.monotonic() - begun:.0f} s, seed {plan.seed}; to go on: {go_on}", flush=True)
    return 1 if tally.failures or tally.broken else 0


def _all(
    plan: Plan, source: Iterator[Batch], pool: Executor,
    running: dict[Future[Outcome | None], Batch], tally: Tally,
) -> None:  # fmt: skip
    begun = told = time.monotonic()
    while True:
        spent = time.monotonic() - begun
        in_time = plan.for_s is None or spent < plan.for_s
        while in_time and tally.messages < plan.messages and len(running) < plan.jobs:
            batch = next(source)
            running[pool.submit(_in_process, batch)] = batch
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            _note(running.pop(future), future.result(), tally)
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            print(tally.progress(told - begun, plan.seed), flush=True)


def _note(batch: Batch, outcome: Outcome | None, tally: Tally) -> None:
    if outcome is None:
        tally.broken.append(batch.command)
        print(f"! a process did not come to its end: {batch.command}", flush=True)
        return
    for path, text in tally.add(batch, outcome).items():
        print(f"! {batch.target}: {text}")
        print(f"  python -m fuzz replay {shown(Path(path))}", flush=True)


def _in_process(batch: Batch) -> Outcome | None:
    """Return what came of a batch in a process of its own, ``None`` when that broke."""
    environ = os.environ | {"PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            [sys.executable, *batch.arguments], cwd=ROOT, env=environ, capture_output=True,
            text=True, check=False, timeout=_TOO_LONG_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    outcome = outcome_of(told[-1]) if told else Outcome()
    if not told or outcome.watch.inputs < batch.inputs:
        sys.stderr.write(done.stderr[-2000:])
        return None
    return outcome


def as_line(outcome: Outcome) -> str:
    """Return an outcome as a line that `outcome_of` reads."""
    return json.dumps(asdict(outcome))


def outcome_of(line: str) -> Outcome:
    """Return the outcome that `as_line` wrote."""
    values = json.loads(line)
    return Outcome(Watch(**values["watch"]), values["failures"], values["once"])

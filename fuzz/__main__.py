"""``python -m fuzz``: the long run, one batch of it, and the replay of kept inputs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from fuzz.failure import failure_of
from fuzz.guided import guide_batch
from fuzz.loop import Batch, Judge, Outcome, run_batch
from fuzz.places import CORPUS
from fuzz.run import MESSAGES, Plan, as_line, run
from fuzz.targets import TARGETS, target
from fuzz.watch import LIMIT_NS


def main() -> int:
    """Do what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz fixgate.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    long = verbs.add_parser("run", help="every target, on all cores, for long")
    long.add_argument("--seed", default="", help="by default a new one, which is printed")
    long.add_argument("--from", type=int, default=0, metavar="BATCH", dest="first")
    long.add_argument("--messages", type=int, default=MESSAGES, metavar="N")
    long.add_argument("--for", type=float, metavar="SECONDS", dest="for_s")
    long.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    long.add_argument("--target", action="append", choices=TARGETS, dest="targets")
    one = verbs.add_parser("batch", help="one batch of a run; its outcome as JSON")
    one.add_argument("target", choices=TARGETS)
    one.add_argument("seed")
    one.add_argument("number", type=int)
    one.add_argument("inputs", type=int)
    one.add_argument("--guided", action="store_true", help="by coverage")
    one.add_argument("--corpus", type=Path, default=CORPUS, help="of inputs that coverage led to")
    again = verbs.add_parser("replay", help="inputs that were kept; the folder names the target")
    again.add_argument("path", type=Path, nargs="+")
    given = parser.parse_args()
    if given.verb == "replay":
        return _replay(given.path)
    if given.verb == "batch":
        batch = Batch(given.target, given.seed, given.number, given.inputs, given.guided)
        return _batch(batch, given.corpus)
    plan = Plan(
        given.seed or token_hex(4), given.first, given.messages, given.for_s, given.jobs,
        tuple(given.targets or TARGETS),
    )  # fmt: skip
    for number in (signal.SIGINT, signal.SIGTERM):
        # Also in the background, where shells have an interrupt ignored.
        signal.signal(number, signal.default_int_handler)
    return run(plan)


def _batch(batch: Batch, corpus: Path) -> int:
    if batch.guided:
        guide_batch(batch, _tell, corpus)
    of = target(batch.target)
    _tell(run_batch(batch, Judge(of, batch.target), of))
    return 0


def _tell(outcome: Outcome) -> None:
    print(as_line(outcome), flush=True)


def _replay(paths: Sequence[Path]) -> int:
    failed = 0
    for path in paths:
        failure = failure_of(target(path.resolve().parent.name), path.read_bytes(), LIMIT_NS)
        print(f"{path}: {failure or 'passed'}")
        failed += failure is not None
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

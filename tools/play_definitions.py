"""Play engines' acceptance definitions against our conformance venue, under every rule set.

    python tools/play_definitions.py FOLDER

FOLDER holds the player, ``at_run.py``, and one folder of definitions a version under
``definitions``. Each rule set has a venue of its own, so all of them play at once: a minute, most
of it waiting for heartbeats. Exits 1 when a definition fails, 0 when FOLDER is not there.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENUE = ROOT / "sessions" / "conformance.yaml"
RULES = ("quickfix", "strict")
LONGEST_S = 300


@contextmanager
def venue() -> Iterator[str]:
    """Run the conformance venue on a free port and yield the port; stop it in any case."""
    command = [sys.executable, "-m", "fixgate", "serve", str(VENUE), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                word, _, address = line.strip().partition(" ")
                if word == "ready":
                    # What it logs from here on is taken, or a full pipe would stop it.
                    Thread(target=process.stderr.read, daemon=True).start()
                    yield address.rpartition(":")[2]
                    break
                print(line, end="", file=sys.stderr)
            else:
                raise SystemExit("the venue did not start")
        finally:
            process.kill()


def play(folder: Path, rules: str) -> tuple[int, str]:
    """Play every definition under one rule set; return the exit status and what was said."""
    definitions = folder / "definitions"
    versions = sum(found.is_dir() for found in definitions.iterdir())
    with venue() as port:
        command = [
            sys.executable, str(folder / "at_run.py"), "--port", port, "--defs", str(definitions),
            "--jobs", str(versions), "--rules", rules,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=LONGEST_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return 1, f"rules {rules}: not done after {LONGEST_S} s\n"
    said = [line for line in done.stdout.splitlines() if line and not line.startswith("PASS ")]
    return done.returncode, "\n".join((f"rules {rules}:", *said, ""))


def main(arguments: list[str]) -> int:
    """Play what the folder named on the command line holds."""
    (name,) = arguments
    folder = Path(name)
    if not (folder / "at_run.py").is_file():
        print(f"acceptance definitions skipped: there is no {folder / 'at_run.py'}")
        return 0
    with ThreadPoolExecutor(len(RULES)) as pool:
        results = list(pool.map(lambda rules: play(folder, rules), RULES))
    for _, said in results:
        print(said)
    return int(any(status for status, _ in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

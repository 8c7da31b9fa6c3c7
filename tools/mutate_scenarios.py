"""Break our engine, venue or client as a scenario has it: the scenario must say FAIL.

    python -m tools.mutate_scenarios            every row of the table, one after the other
    python -m tools.mutate_scenarios PATTERN    those with PATTERN in scenario, story or file

The rows stand in tools/scenario-mutations.toml and in the files of tools/scenario-mutations.d/.
Unbroken each scenario must pass. Exits 1 when one does not, when a scenario does not notice, or
fails for another reason than its row says; and when a scenario has no row.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.breaking import ROOT, Break, a_copy, broken, environment

TABLE = ROOT / "tools" / "scenario-mutations.toml"
PARTS = ROOT / "tools" / "scenario-mutations.d"

AT_MOST_S = 300
"""What is broken may turn in circles."""

# Run in the copy: the verdicts of some scenarios, or of all, as JSON. A SHOULD that is not met is
# no failure, but it has been noticed.
PLAY = """
import json, re, sys
from pathlib import Path
from fixgate.config.scenarios import load_folder, load_scenarios
from fixgate.scenario.runner import play_virtually
root, wanted = Path("scenarios"), set(sys.argv[1:])
files = sorted({root / (re.split("[[@]", each)[0] + ".yaml") for each in wanted})
found = [s for file in files for s in load_scenarios(file, root=root)] or load_folder(root)
for scenario in found:
    if wanted and scenario.id not in wanted:
        continue
    verdict = play_virtually(scenario, 1).verdict
    unmet = (*verdict.findings, *verdict.deviations)
    said = [f"{f.place.text}; wanted {f.wanted}; came {f.came}" for f in unmet]
    result = "DEVIATION" if verdict.result.value == "PASS" and said else verdict.result.value
    print(json.dumps([scenario.id, result, said]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Mutation:
    """How scenarios are made to fail.

    Attributes:
        scenarios: Their ids.
        story: What is broken, in words.
        file: Below fixgate/.
        code: What stands there exactly once.
        broken: What takes its place.
        says: A regular expression that must be found in ``STEP; wanted ...; came ...``.
    """

    scenarios: tuple[str, ...]
    story: str
    file: str
    code: str
    broken: str
    says: str


def load() -> list[Mutation]:
    """Read the table, with its parts."""
    rows = []
    for path in (TABLE, *sorted(PARTS.glob("*.toml"))):
        rows.extend(tomllib.loads(path.read_text(encoding="utf-8")).get("mutation", []))
    return [_mutation(**row) for row in rows]


def _mutation(scenario: str | list[str], **rest: str) -> Mutation:
    return Mutation((scenario,) if isinstance(scenario, str) else tuple(scenario), **rest)


def verdicts(folder: Path, *scenarios: str) -> dict[str, tuple[str, list[str]]]:
    """Play scenarios in the copy; return result and findings of each."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", PLAY, *scenarios], cwd=folder, env=environment(folder),
            text=True, check=False, capture_output=True, timeout=AT_MOST_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return dict.fromkeys(scenarios, ("HANGS", []))
    if done.returncode:
        return dict.fromkeys(scenarios, ("DIED", [done.stderr[-2000:]]))
    rows = map(json.loads, done.stdout.splitlines())
    return {name: (result, said) for name, result, said in rows}


def play(folder: Path, mutation: Mutation) -> list[bool]:
    """Break one place in the copy and play the scenarios; say so when one does not notice."""
    with broken(folder, Break(mutation.file, mutation.code, mutation.broken)):
        found = verdicts(folder, *mutation.scenarios)
    noticed = []
    for scenario in mutation.scenarios:
        result, said = found.get(scenario, ("MISSING", []))
        seen = result in ("FAIL", "DEVIATION")
        right = seen and any(re.search(mutation.says, each) for each in said)
        print(f"{'noticed' if right else 'MISSED '} {scenario}: {mutation.story}", flush=True)
        if not right:
            print(f"  {result}: {said}; expected {mutation.says!r}")
        noticed.append(right)
    return noticed


def main(arguments: list[str]) -> int:
    """Play the rows that were asked for."""
    wanted = arguments[0] if arguments else ""
    rows = load()
    mutations = [m for m in rows if wanted in " ".join((*m.scenarios, m.story, m.file))]
    with a_copy() as folder:
        chosen = {each for m in mutations for each in m.scenarios}
        unbroken = verdicts(folder, *(chosen if wanted else ()))
        sick = {name: found for name, found in unbroken.items() if found[0] != "PASS"}
        for name, (result, said) in sick.items():
            print(f"unbroken, {name} says {result}: {said}")
        bare = [] if wanted else sorted(unbroken.keys() - chosen)
        for name in bare:
            print(f"no row for {name}")
        noticed = [each for mutation in mutations for each in play(folder, mutation)]
    print(f"{sum(noticed)} of {len(noticed)} noticed")
    return int(bool(sick or bare) or not all(noticed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

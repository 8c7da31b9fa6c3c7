"""Break each rule of the session in a copy of the code, and see that the named test notices.

    python -m tools.mutate_session            break every rule, one after the other
    python -m tools.mutate_session PATTERN    only those whose case, rule or file has PATTERN in it
    python -m tools.mutate_session --docs     write docs/mutations.md

The rules stand in tools/mutations.toml. Exits 1 when a test does not notice, or fails unbroken.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.breaking import ROOT, Break, a_copy, broken, environment

TABLE = ROOT / "tools" / "mutations.toml"
PAGE = ROOT / "docs" / "mutations.md"
NOTICED = 1  # pytest: tests were run, and some failed
# Code that cannot run fails every test and proves nothing about the rule.
NO_PROOF = re.compile(r"^E +(Name|UnboundLocal|Syntax|Indentation|Import)Error", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One rule, how it is broken, and who notices.

    Attributes:
        covers: Cases, ``rule:`` and ``dialect:`` names.
        rule: The rule in words.
        file: Below fixgate/.
        code: What stands there exactly once.
        broken: What takes its place.
        test: Below tests/.
    """

    covers: tuple[str, ...]
    rule: str
    file: str
    code: str
    broken: str
    test: str

    @property
    def how(self) -> Break:
        """The place that is broken."""
        return Break(self.file, self.code, self.broken)


def load() -> list[Mutation]:
    """Read the table."""
    with TABLE.open("rb") as file:
        rows = tomllib.load(file)["mutation"]
    return [Mutation(tuple(row.pop("covers")), **row) for row in rows]


def render() -> str:
    """Return the page."""
    lines = [
        "# Each rule of the session, broken",
        "",
        "Made by `make docs` from tools/mutations.toml; do not edit. `make mutations` breaks",
        "each rule in a copy of the code and runs the test named beside it, which must fail;",
        "unbroken it must pass. Cases are those of docs/conformance.md; `rule:` and `dialect:`",
        "are the names in `fixgate/session/rules.py` and `fixgate/session/dialect.py`.",
        "",
        "| covers | rule | broken in | noticed by |",
        "|---|---|---|---|",
    ]
    for each in load():
        covers = ", ".join(each.covers)
        path, _, test = each.test.partition("::")
        lines.append(f"| {covers} | {each.rule} | `{each.file}` | `{path}` `{test}` |")
    return "\n".join([*lines, ""])


def run(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def play(folder: Path, mutation: Mutation) -> bool:
    """Break one rule in the copy, run its test, and mend it; say so when nobody notices."""
    with broken(folder, mutation.how):
        done = run(folder, f"tests/{mutation.test}")
    noticed = done.returncode == NOTICED and not NO_PROOF.search(done.stdout)
    print(f"{'noticed' if noticed else 'MISSED '} {', '.join(mutation.covers)}: {mutation.rule}")
    if not noticed:
        print(done.stdout)
    return noticed


def main(arguments: list[str]) -> int:
    """Break the rules that were asked for."""
    if arguments == ["--docs"]:
        PAGE.write_text(render(), encoding="utf-8")
        return 0
    wanted = arguments[0] if arguments else ""
    mutations = [m for m in load() if wanted in " ".join((*m.covers, m.rule, m.file))]
    with a_copy() as folder:
        tests = sorted({f"tests/{m.test}" for m in mutations})
        unbroken = run(folder, *tests)
        if unbroken.returncode:
            print(unbroken.stdout)
            return 1
        noticed = [play(folder, mutation) for mutation in mutations]
    print(f"{sum(noticed)} of {len(noticed)} broken rules noticed")
    return int(not all(noticed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Files of kept runs, judged again; nothing is played."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from fixgate import __version__
from fixgate.report.runs.facts import RunFacts
from fixgate.scenario.again import judged
from fixgate.scenario.archive import Archived, read_run
from fixgate.scenario.model import Scenario
from fixgate.scenario.runner import Run

__all__ = ["judged_from"]


def judged_from(
    folder: Path,
    scenarios: Iterable[Scenario],
    command: tuple[str, ...] = ("fixgate", "run"),
    *,
    by_id: bool = False,
) -> tuple[list[Run], RunFacts]:
    """Return the runs that files of a folder hold, each judged anew.

    Args:
        folder: What ``--history`` has filled.
        scenarios: Those that may have been played; files of others are passed over.
        command: The words that play one of them again.
        by_id: Whether ``--only ID`` follows them, not a file.

    Raises:
        ArchiveError: A file is damaged.
        click.UsageError: There is none of these scenarios, or a file cannot be read.
    """
    known = {scenario.id: scenario for scenario in scenarios}
    read = map(_read, sorted(folder.glob("*.jsonl")))
    runs = [judged(known[each.scenario_id], each) for each in read if each.scenario_id in known]
    if not runs:
        raise click.UsageError(f"{folder} holds no run of these scenarios.")
    began_ns = next((record.at_ns for run in runs for record in run.history), 0)
    facts = RunFacts(
        __version__, runs[0].seed, runs[0].world, began_ns, 0, command=command, by_id=by_id
    )
    return runs, facts


def _read(file: Path) -> Archived:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} cannot be read: {error}") from error
    return read_run(lines, str(file))

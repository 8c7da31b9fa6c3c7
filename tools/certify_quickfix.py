"""Certify QuickFIX: play the pack iso3531 live against its acceptor and against its initiator.

    python -m tools.certify_quickfix FOLDER [--only CASES]   all versions, both sides; results there

There is one QuickFIX (tools.quickfix) for each version and side, with the standard dictionaries. It
cannot take its application out of service, so case 14.l stays undetermined. FOLDER gets, for each
version and side, the JSON, the HTML and the histories, and a table of all outcomes, outcomes.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerRole, PeerSession, PeerSettings, write_dictionaries
from tools.quickfix import Keeper, free_port, play

VERSIONS = (FixVersion.FIX42, FixVersion.FIX44, FixVersion.FIX50SP2)
OURS, THEIRS = "FIXGATE", "QUICKFIX"
HEARTBEAT_S = 10


def settings_of(role: PeerRole, version: FixVersion, folder: Path, port: int) -> PeerSettings:
    """Return what QuickFIX is to be, its dictionaries written."""
    write_dictionaries(folder / "dictionaries", VERSIONS, also=(b"B", b"7"))
    served = ("D", "F") if role is PeerRole.ACCEPTOR else ("8", "9", "B", "j")
    return PeerSettings(
        role, (PeerSession(version, THEIRS, OURS),), folder, port=port, heartbeat_s=HEARTBEAT_S,
        dictionaries=folder / "dictionaries", serves=served,
    )  # fmt: skip


async def certify(role: PeerRole, version: FixVersion, folder: Path, words: list[str]) -> None:
    """Play the pack against one QuickFIX."""
    name = f"{'venue' if role is PeerRole.ACCEPTOR else 'client'}-{version.value}"
    with tempfile.TemporaryDirectory() as made:
        keeper = Keeper(settings_of(role, version, Path(made), free_port()))
        command = (
            "certify", "iso3531", "--sender", OURS, "--target", THEIRS, "--version", version.value,
            "--seed", "1", "--json", str(folder / f"{name}.json"),
            "--html", str(folder / f"{name}.html"), "--history", str(folder / name), *words,
        )  # fmt: skip
        status = await play(keeper, command, folder / f"{name}.txt")
    print(f"{name}: exit {status}", flush=True)


def outcomes(folder: Path) -> Iterator[str]:
    """Yield the table of all outcomes, and of each that is no PASS what came."""
    grades: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    reasons: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text())
        for case in document["cases"]:
            row, side = (case["case"], case["title"]), case["under_test"] or ""
            grades.setdefault(row, {}).setdefault(side, {})
            for mark in case["evidence"]:
                deviations = document["runs"][mark["run"] - 1]["deviations"]
                deviates = mark["grade"] == "PASS" and deviations
                grades[row][side][mark["version"]] = "deviates" if deviates else mark["grade"]
                if reason := deviations[0]["came"] if deviates else mark["reason"]:
                    reasons.setdefault(row, {}).setdefault(side, {})[mark["version"]] = reason
    ordered = sorted(grades.items(), key=lambda item: in_order(item[0][0]))
    yield "| case | what is required | acceptor | initiator |"
    yield "|---|---|---|---|"
    for (case_id, title), by_side in ordered:
        cells = (outcome(by_side, side) for side in ("venue", "client"))
        yield f"| {case_id} | {title} | {' | '.join(cells)} |"
    yield ""
    for (case_id, title), _ in ordered:
        for side, by_version in reasons.get((case_id, title), {}).items():
            yield f"- {case_id} {side}, {title}"
            for reason, versions in by_reason(by_version).items():
                yield f"  - {', '.join(versions)}: {reason}"


def outcome(by_side: dict[str, dict[str, str]], side: str) -> str:
    """Return how a case ended for a side: one word where all versions agree."""
    if "" in by_side:
        return "not testable"
    found: dict[str, list[str]] = {}
    for version, grade in by_side.get(side, {}).items():
        found.setdefault(grade, []).append(version)
    if len(found) <= 1:
        return next(iter(found), "")
    return "; ".join(f"{grade} in {', '.join(versions)}" for grade, versions in found.items())


def in_order(case_id: str) -> tuple[int, str]:
    """Return a key that has 2.a before 10.a."""
    number = case_id.rstrip("ABSabcdefghijklmnopqrstuvwxyz.")
    return int("".join(filter(str.isdigit, case_id.partition(".")[0])) or number), case_id


def by_reason(by_version: dict[str, str]) -> dict[str, list[str]]:
    """Return versions by what came in them."""
    found: dict[str, list[str]] = {}
    for version, reason in by_version.items():
        found.setdefault(reason, []).append(version)
    return found


async def main() -> int:
    """Play all; return 2 when nothing came of it."""
    parser = argparse.ArgumentParser(description="Certify QuickFIX on either side.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", metavar="CASES")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    words = ["--only", asked.only] if asked.only else []
    plays = (
        certify(role, version, asked.folder, words)
        for role in (PeerRole.ACCEPTOR, PeerRole.INITIATOR) for version in VERSIONS
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        await asyncio.gather(*plays)
    text = "\n".join(outcomes(asked.folder))
    (asked.folder / "outcomes.md").write_text(f"{text}\n", encoding="utf-8")
    print(text)
    return 0 if text else 2


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

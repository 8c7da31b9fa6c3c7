"""Certify QuickFIX: play the pack iso3531 live against its acceptor and against its initiator.

    python tools/certify_quickfix.py FOLDER [--only CASES]   all versions, both sides; results there
    python tools/certify_quickfix.py drive SOCKET ask WHAT   what `fixgate certify --driver` calls

QuickFIX runs in a process of its own (fixgate.interop), one for each version and side, with a store
on disk and the standard dictionaries. As a client it is kept up: whenever its session has ended it
connects again. The driver makes it send an order or a News, and log out; it cannot take its
application out of service, so case 14.l stays undetermined. FOLDER gets, for each version and side,
the JSON, the HTML and the histories, and a table of all outcomes, outcomes.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fixgate.dictionary import FixVersion
from fixgate.interop import (
    EventKind,
    LogOn,
    LogOut,
    PeerEvent,
    PeerRole,
    PeerSession,
    PeerSettings,
    QuickFixPeer,
    Send,
    SendOrders,
    write_dictionaries,
)

VERSIONS = (FixVersion.FIX42, FixVersion.FIX44, FixVersion.FIX50SP2)
OURS, THEIRS = "FIXGATE", "QUICKFIX"
HEARTBEAT_S = 10
BACK_S = {PeerRole.ACCEPTOR: 0.05, PeerRole.INITIATOR: 2.0}
"""How long after the end of a session QuickFIX takes Logons again, or comes back by itself."""

NEWS = ((148, "news"), (33, "1"), (58, "line"))


class Keeper:
    """One process of QuickFIX, kept up, and made to act.

    Args:
        role: Its.
        version: Of its session.
        folder: For its store and dictionaries.
        port: Where its initiator connects to; an acceptor chooses one.
    """

    def __init__(self, role: PeerRole, version: FixVersion, folder: Path, port: int = 0) -> None:
        self._session = PeerSession(version, THEIRS, OURS)
        served = ("D", "F") if role is PeerRole.ACCEPTOR else ("8", "9", "B", "j")
        self.settings = PeerSettings(
            role, (self._session,), folder, port=port, heartbeat_s=HEARTBEAT_S,
            dictionaries=folder / "dictionaries", serves=served,
        )  # fmt: skip
        self._peer: QuickFixPeer | None = None
        self._later: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Start it, and return its acceptor's port."""
        folder = self.settings.dictionaries
        assert folder is not None
        folder.mkdir(parents=True)
        write_dictionaries(folder, VERSIONS, also=(b"B", b"7"))
        self._peer = await QuickFixPeer.start(self.settings, on_event=self._on_event)
        self._tell(LogOn(str(self._session)))
        return self._peer.port

    def _tell(self, command: LogOn | LogOut | Send | SendOrders) -> None:
        assert self._peer is not None
        self._peer.tell(command)

    def _on_event(self, event: PeerEvent) -> None:
        if event.kind is EventKind.LOGOUT:
            task = asyncio.get_running_loop().create_task(self._come_back())
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def _come_back(self) -> None:
        await asyncio.sleep(BACK_S[self.settings.role])
        self._tell(LogOn(str(self._session)))

    def act(self, what: str) -> str:
        """Do what a scenario asks for; return why not, or nothing."""
        name = str(self._session)
        if "log out" in what:
            self._tell(LogOut(name))
        elif "order" in what:
            self._tell(SendOrders(name, 1, f"QF{datetime.now(UTC):%H%M%S%f}-"))
        elif "News" in what:
            self._tell(Send(name, "B", NEWS))
        else:
            return "QuickFIX cannot be made to do this"
        return ""

    async def stop(self) -> None:
        """End it."""
        for task in self._later:
            task.cancel()
        if self._peer is not None:
            await self._peer.stop()


async def listen(keeper: Keeper, path: Path) -> asyncio.Server:
    """Let drivers reach a keeper: a line with what to do, and one back with why not."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        what = (await reader.readline()).decode().strip()
        writer.write(f"{keeper.act(what)}\n".encode())
        writer.close()

    return await asyncio.start_unix_server(serve, path)


def drive(path: str, verb: str, what: str) -> int:
    """Be the driver: hand over what to do; return 1 when it cannot be done."""
    if verb != "ask":
        print("QuickFIX's process is not restarted here", file=sys.stderr)
        return 1
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        sock.sendall(f"{what}\n".encode())
        why_not = sock.makefile().readline().strip()
    print(why_not, file=sys.stderr)
    return 1 if why_not else 0


async def certify(role: PeerRole, version: FixVersion, folder: Path, words: list[str]) -> None:
    """Play the pack against one QuickFIX."""
    name = f"{'venue' if role is PeerRole.ACCEPTOR else 'client'}-{version.value}"
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        port = 0 if role is PeerRole.ACCEPTOR else free_port()
        keeper = Keeper(role, version, work / "quickfix", port)
        port = await keeper.start() or port
        server = await listen(keeper, work / "drive")
        where = "--venue" if role is PeerRole.ACCEPTOR else "--listen"
        driver = f"{sys.executable} {__file__} drive {work / 'drive'}"
        told = (folder / f"{name}.txt").open("wb")
        try:
            with told:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "fixgate", "certify", "iso3531",
                    where, f"127.0.0.1:{port}", "--sender", OURS, "--target", THEIRS,
                    "--version", version.value, "--orders", "--driver", driver,
                    "--patience", "20s", "--seed", "1", "--plain",
                    "--json", str(folder / f"{name}.json"), "--html", str(folder / f"{name}.html"),
                    "--history", str(folder / name), *words,
                    stdout=told, stderr=asyncio.subprocess.STDOUT,
                )  # fmt: skip
            status = await process.wait()
        finally:
            server.close()
            await keeper.stop()
    print(f"{name}: exit {status}", flush=True)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


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
    if sys.argv[1:2] == ["drive"]:
        sys.exit(drive(*sys.argv[2:5]))
    sys.exit(asyncio.run(main()))

"""The persistence verdict on QuickFIX's acceptor, kept in files and not, and on its own log."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from fixgate.cli.main import main
from fixgate.dictionary import FixVersion
from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, CheckReport, Level, OrderPlan, Phase, Status
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.health.progress import NoProgress
from fixgate.interop import (
    Disconnect,
    EventKind,
    LogOn,
    LogOut,
    PeerRole,
    PeerSession,
    PeerSettings,
    QuickFixPeer,
    Send,
    SendOrders,
)
from fixgate.net import Address, Clock
from fixgate.net.settings import StoreSettings
from tests.interop.rig import SECOND, acceptor, body, client, ours_of, venue

pytestmark = [pytest.mark.interop, pytest.mark.timeout(40)]

STREET = PeerSession(FixVersion.FIX44, "STREET", "US44")
SERVES = ("D", "F")
HOW = PersistencePlan(
    cuts=(Cut.LOGOUT, Cut.FIN, Cut.RST), away_ns=200_000_000, orders=True, silence_ns=SECOND
)


def plan(port: int, session: PeerSession = STREET, **changes: object) -> CheckPlan:
    how = replace(HOW, **changes.pop("how", {}))  # type: ignore[arg-type]
    made = CheckPlan(
        "street",
        Address("127.0.0.1", port),
        ours_of(session, observe=True, resend_application=False),
        level=Level.PERSISTENCE,
        order=OrderPlan("ABC", "1", Decimal(1), Decimal("10.00")),
        persistence=how,
        deadline_ns=5 * SECOND,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def checked(made: CheckPlan, progress=None) -> CheckReport:
    fleet = await run_fleet([made], clock=Clock(), host="", version="", progress=progress)
    return fleet.checks[0]


def causes(report: CheckReport, phase: Phase) -> set[str]:
    return {f.cause for f in report.findings if f.phase is phase}


def words(report: CheckReport) -> dict[Phase, str]:
    return {
        p.phase: dict(p.facts).get("verdict", "") for p in report.phases if "back" in p.phase.value
    }


@pytest.mark.parametrize("version", [FixVersion.FIX42, FixVersion.FIX44, FixVersion.FIX50SP2])
async def test_a_file_store_comes_back_whole(tmp_path, dictionaries, version):
    session = PeerSession(version, "STREET", "US")
    async with acceptor(tmp_path, session, dictionaries=dictionaries, serves=SERVES) as peer:
        report = await checked(plan(peer.port, session, how={"withhold": 1}))
    # QuickFIX writes DefaultApplVerID(1137) into a BusinessMessageReject(j) of FIX 5.0.
    assert {f.cause for f in report.findings} <= {"invalid-message"}, report.findings
    assert set(words(report).values()) == {"continued"}
    missed = dict(next(p.facts for p in report.phases if p.phase is Phase.BACK_AFTER_RST))["missed"]
    assert missed.endswith("1 resent") or "1 resent," in missed


async def test_silence_until_it_gives_up(tmp_path, dictionaries):
    made_of = {"cuts": (Cut.SILENCE,), "silence_ns": 10 * SECOND, "orders": False}
    async with acceptor(tmp_path, STREET, dictionaries=dictionaries) as peer:
        made = plan(peer.port, how=made_of, order=None)
        made = replace(made, session=replace(made.session, heartbeat_s=1))
        report = await checked(made)
    assert report.status is Status.PASS, [f.summary for f in report.findings]
    assert any("connection closed by the venue" in e.text for e in report.transcript)
    assert words(report) == {Phase.BACK_AFTER_SILENCE: "continued"}


async def test_reset_on_disconnect(tmp_path, dictionaries):
    """Both of its numbers restart, and our Logon is too high for it."""
    session = replace(STREET, options=(("ResetOnDisconnect", "Y"),))
    async with acceptor(tmp_path, session, dictionaries=dictionaries, serves=SERVES) as peer:
        report = await checked(plan(peer.port, session, how={"cuts": (Cut.RST,)}))
    assert "numbers-reset" in causes(report, Phase.BACK_AFTER_RST)
    told = " ".join(f.summary for f in report.findings)
    assert "has MsgSeqNum(34) 1, expected" in told


async def test_messages_that_are_not_kept_are_filled_over(tmp_path, dictionaries):
    session = replace(STREET, options=(("PersistMessages", "N"),))
    async with acceptor(tmp_path, session, dictionaries=dictionaries, serves=SERVES) as peer:
        report = await checked(plan(peer.port, session, how={"cuts": (Cut.RST,)}))
    assert causes(report, Phase.BACK_AFTER_RST) == {"application-gap-filled"}, report.findings
    assert report.status is Status.FAIL


class _Reached(NoProgress):
    def __init__(self, phase: Phase) -> None:
        self.at = phase
        self.reached = asyncio.Event()

    def phase(self, plan, phase):
        if phase is self.at:
            self.reached.set()


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "deleted"])
async def test_a_restart_with_its_store_and_without(tmp_path, dictionaries, kept):
    settings = PeerSettings(PeerRole.ACCEPTOR, (STREET,), tmp_path, dictionaries=dictionaries)
    progress = _Reached(Phase.BACK_AFTER_LOGOUT)
    first = await QuickFixPeer.start(settings)
    how = {"cuts": (Cut.LOGOUT,), "away_ns": 8 * SECOND, "orders": False}
    task = asyncio.create_task(checked(plan(first.port, how=how, order=None), progress))
    await progress.reached.wait()
    await asyncio.sleep(1)
    port = first.port
    await first.stop()
    if not kept:
        shutil.rmtree(tmp_path / "store")
    async with await QuickFixPeer.start(replace(settings, port=port)):
        report = await task
    if kept:
        assert report.status is Status.PASS, [f.summary for f in report.findings]
    else:
        assert causes(report, Phase.BACK_AFTER_LOGOUT) == {"numbers-reset"}
        assert "MsgSeqNum(34) 1, expected" in report.findings[0].summary


async def test_our_own_store_is_where_quickfix_sees_it(tmp_path, dictionaries):
    made_of = {"cuts": (Cut.FIN, Cut.RST)}
    async with acceptor(tmp_path / "qf", STREET, dictionaries=dictionaries, serves=SERVES) as peer:
        made = plan(peer.port, how=made_of, store=StoreSettings(tmp_path / "ours"))
        for _ in range(2):
            report = await checked(made)
            assert report.status is Status.PASS, [f.summary for f in report.findings]
        theirs = await peer.numbers(str(STREET))
    journal = json.loads(
        CliRunner().invoke(main, ["store", "show", str(tmp_path / "ours"), "--json"]).stdout
    )
    assert (journal["next_in"], journal["next_out"]) == theirs


async def test_the_journal_of_the_check_tells_the_same(tmp_path, dictionaries):
    ours: Path = tmp_path / "ours"
    async with acceptor(tmp_path / "qf", STREET, dictionaries=dictionaries, serves=SERVES) as peer:
        report = await checked(plan(peer.port, store=StoreSettings(ours)))
    assert report.status is Status.PASS
    result = CliRunner().invoke(main, ["store", "persistence", str(ours), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [each["verdict"] for each in found["returns"]] == ["continued"] * 3
    assert [each["resent"] for each in found["returns"]] == [0, 1, 1]


# QuickFIX as the engine of a desk: its own files, and nobody logs on in its place.

DESK = PeerSession(FixVersion.FIX44, "DESK44", "VENUE")

LOG = """
import sys
import quickfix

folder, *messages = sys.argv[1:]
log = quickfix.FileLog(folder, quickfix.SessionID("FIX.4.4", "DESK44", "VENUE"))
for each in messages:
    tell = log.onOutgoing if each[0] == ">" else log.onIncoming
    tell(bytes.fromhex(each[1:]).decode())
"""


def _file_log(folder: Path, peer: QuickFixPeer) -> None:
    """Have QuickFIX's own FileLog write what its engine sent and received."""
    told = [e for e in peer.events if e.kind in (*_SENT, *_RECEIVED)]
    words = [(">" if e.kind in _SENT else "<") + e.message.hex() for e in told]
    subprocess.run([sys.executable, "-c", LOG, str(folder), *words], check=True)


_SENT = (EventKind.TO_ADMIN, EventKind.TO_APP)
_RECEIVED = (EventKind.FROM_ADMIN, EventKind.FROM_APP)


def persistence(*words: object):
    return CliRunner().invoke(main, ["store", "persistence", *map(str, words)])


async def up(peer: QuickFixPeer, *, orders: int = 0) -> None:
    peer.tell(LogOn(str(DESK)))
    await peer.until(EventKind.LOGON)
    if orders:
        peer.tell(SendOrders(str(DESK), orders))
        for _ in range(orders):
            await peer.until(EventKind.FROM_APP, msg_type="8")
    peer.tell(Send(str(DESK), "1", ((112, "ARE YOU THERE"),)))
    await peer.until(EventKind.FROM_ADMIN, msg_type="0")


async def test_the_files_of_quickfix_tell_of_its_returns(tmp_path, dictionaries):
    """Fills while it is away are resent: whole. Then its numbers are set back: not whole."""
    engine = tmp_path / "engine"
    async with (
        venue(tmp_path / "venue") as gateway,
        client(gateway, engine, DESK, dictionaries=dictionaries) as peer,
    ):
        await up(peer, orders=3)
        peer.tell(Disconnect(str(DESK)))
        await peer.until(EventKind.LOGOUT)
        (party,) = gateway.roster
        report = body("37=O1|11=QF1|17=E99|150=0|39=0|55=ABC|54=1|151=10|14=0|6=0|")
        party.session.send(b"8", report, time.time_ns())
        await up(peer)
        shutil.copytree(engine / "store", tmp_path / "before")
        _file_log(tmp_path / "log", peer)
        result = persistence(engine / "store", "--log", tmp_path / "log")
        assert result.exit_code == 0, result.output
        assert "whole FIX.4.4:DESK44->VENUE: 1 return" in result.stdout
        assert ": 1 resent" in result.stdout
        peer.tell(LogOut(str(DESK)))
        await peer.until(EventKind.LOGOUT)
        await peer.set_numbers(str(DESK), next_out=1, next_in=2)
        peer.tell(LogOn(str(DESK)))
        await peer.until(EventKind.FROM_ADMIN, msg_type="5")
        shutil.rmtree(tmp_path / "log")
        _file_log(tmp_path / "log", peer)
    result = persistence(
        engine / "store", "--log", tmp_path / "log", "--before", tmp_path / "before"
    )
    assert result.exit_code == 1, result.output
    told = " ".join(result.stdout.split())
    assert "own-numbers-lost" in told
    assert "Our own Logon has MsgSeqNum(34) 1, expected" in told
    assert "the MsgSeqNum(34) that it expects next is" in told


def test_quickfix_as_our_session_layer_is_refused(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "sessions:\n  - {name: a, connect: '127.0.0.1:1', begin_string: FIX.4.4, ours: A,\n"
        "     theirs: B, persistence: {allow: true}}\n"
    )
    words = ["check", str(path), "--engine", "quickfix", "--level", "persistence"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "s.yaml:3:17: QuickFIX cannot do 'persistence'" in result.stderr

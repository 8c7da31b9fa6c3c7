"""Checks whose session layer is QuickFIX's: the same findings, from the same bytes."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
import trustme
from click.testing import CliRunner

from fixgate.cli.main import main
from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, CheckReport, Level, OrderPlan, Phase, Status
from fixgate.health.progress import NoProgress
from fixgate.health.quickfix import quickfix_engine
from fixgate.net.clock import Clock
from fixgate.net.settings import ClientTls, ListenSettings, StoreSettings, VenueSession
from fixgate.net.stores import open_store
from fixgate.session.settings import Credentials, Role
from tests.live.checking import LOOPBACK, SECOND_NS, cause, certificate, peer, plan, venue
from tests.live.test_check import (
    VERSIONS,
    close_after_logon,
    cut_in_session,
    echo,
    garbage,
    log_us_out,
    read,
    refuse_low,
    reply,
    reset_unasked,
    wrong_id,
)

pytestmark = [pytest.mark.interop, pytest.mark.timeout(30)]

ORDER = OrderPlan("ABC", "1", Decimal(1), Decimal("10.00"))


async def checked(*plans: CheckPlan, engine: str = "quickfix") -> tuple[CheckReport, ...]:
    if engine == "fixgate":
        return (await run_fleet(plans, clock=Clock(), host="here", version="0")).checks
    async with quickfix_engine(plans) as layer:
        fleet = await run_fleet(plans, clock=Clock(), host="here", version="0", engine=layer)
    return fleet.checks


def told(report: CheckReport) -> str:
    return "\n".join(each.text for each in report.transcript)


async def test_every_version_passes_with_a_real_order():
    async with venue() as gateway:
        plans = [
            plan(
                f"client-{number}",
                gateway.addresses[0],
                begin_string=begin_string,
                appl_ver_id=code,
                level=Level.ORDER,
                order=ORDER,
                deadline_ns=8 * SECOND_NS,
            )
            for number, (begin_string, code) in enumerate(VERSIONS)
        ]
        for report in await checked(*plans):
            assert report.status is Status.PASS, (report.plan.session.id, report.findings)
            assert {phase.status for phase in report.phases} == {Status.PASS}
            assert len(report.round_trips_ns) == 2
            assert len(report.order_round_trips_ns) == 1
            facts = dict(next(p.facts for p in report.phases if p.phase is Phase.ORDER))
            assert facts["state at the end"] == "Canceled"
            assert "QuickFIX says: Received logon response" in told(report)


async def test_the_engines_take_turns_over_one_store(tmp_path):
    async with venue() as gateway:
        kept = plan(
            "kept",
            gateway.addresses[0],
            level=Level.ORDER,
            order=ORDER,
            store=StoreSettings(tmp_path),
            deadline_ns=8 * SECOND_NS,
        )
        for engine in ("quickfix", "fixgate", "quickfix", "quickfix"):
            (report,) = await checked(kept, engine=engine)
            assert (report.status, report.findings) == (Status.PASS, ()), engine
        (party,) = gateway.roster
        theirs = party.session.store.next_in, party.session.store.next_out
        store = open_store(kept.store, kept.session.id, 1)
        assert (store.next_out, store.next_in) == theirs
        store.close()


async def test_yesterdays_orders_are_not_sent_again(tmp_path):
    async with venue() as gateway:
        kept = plan(
            "kept",
            gateway.addresses[0],
            level=Level.ORDER,
            order=ORDER,
            store=StoreSettings(tmp_path),
            deadline_ns=8 * SECOND_NS,
        )
        await checked(kept)
        (party,) = gateway.roster
        party.session.store.set_next_in(2, 0)  # the venue has lost what came after the Logon
        (report,) = await checked(kept)
        assert [finding.cause for finding in report.findings] == ["resend-requested"]
        resent = [each.text for each in report.transcript if "|43=Y|" in each.text]
        assert resent
        assert all("|35=4|" in text and "|123=Y|" in text for text in resent)


async def test_what_the_venue_resends_fills_the_gap(tmp_path):
    async with venue() as gateway:
        kept = plan(
            "kept", gateway.addresses[0], store=StoreSettings(tmp_path), deadline_ns=8 * SECOND_NS
        )
        await checked(kept)
        store = open_store(kept.store, kept.session.id, 1)
        store.set_next_in(2, 1)
        store.close()
        (report,) = await checked(kept)
        assert [finding.cause for finding in report.findings] == ["seqnum-gap-filled"]
        assert "gap closed: 2 to" in told(report)


async def test_credentials_and_sub_ids_go_out_and_are_not_shown():
    known = plan("known", LOOPBACK).session
    demanded = replace(
        known,
        id=replace(known.id, ours="VENUE", theirs="KNOWN"),
        role=Role.ACCEPTOR,
        observe=False,
        credentials=Credentials("me", "correct-horse"),
    )
    async with venue(sessions=(VenueSession("known", demanded),)) as gateway:
        right, wrong = (
            plan(
                "known",
                gateway.addresses[0],
                credentials=Credentials("me", password),
                deadline_ns=4 * SECOND_NS,
            )
            for password in ("correct-horse", "wrong-password")
        )
        ident = replace(right.session.id, our_sub_id="DESK7")
        right = replace(right, session=replace(right.session, id=ident))
        (passed,) = await checked(right)
        (refused,) = await checked(wrong)
    assert passed.status is Status.PASS
    sent = [each.text for each in passed.transcript if each.glyph == ">"]
    assert all("|50=DESK7|" in text for text in sent)
    assert cause(refused) == "logon-refused"
    assert "correct-horse" not in repr(passed)
    assert "wrong-password" not in repr(refused)


async def test_tls_is_ours(tmp_path):
    authority, ca = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    listener = ListenSettings(LOOPBACK, tls=certificate(tmp_path, authority, "127.0.0.1"))
    async with venue(listener) as gateway:
        secure = plan(
            "secure", gateway.addresses[0], tls=ClientTls(ca=ca), deadline_ns=4 * SECOND_NS
        )
        (report,) = await checked(secure)
    assert report.status is Status.PASS, report.findings
    facts = dict(next(p.facts for p in report.phases if p.phase is Phase.TLS))
    assert facts["protocol"] == "TLSv1.3"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (close_after_logon, "closed-after-logon"),
        (refuse_low, "seqnum-too-low"),
        (echo, "not-fix"),
        (wrong_id, "wrong-test-req-id"),
        (cut_in_session, "closed-in-session"),
        (garbage, "garbled"),
        (reset_unasked, "reset-unasked"),
        (log_us_out, "logged-out"),
    ],
)
async def test_a_peer_that_misbehaves(script, expected):
    async with peer(script) as address:
        (report,) = await checked(plan("odd", address, deadline_ns=2 * SECOND_NS))
    assert expected in [finding.cause for finding in report.findings]
    assert report.status in (Status.FAIL, Status.WARN)


async def invalid_report(reader, writer):
    """A session that is well, but for an ExecutionReport with a Side(54) that there is not."""
    await read(reader)
    writer.write(reply("A", 1, (98, 0), (108, 30)))
    await read(reader)
    writer.write(reply("8", 2, (37, "O"), (17, "E"), (150, 0), (39, 0), (55, "ABC"), (54, "?"),
                       (151, 0), (14, 0), (6, 0)))  # fmt: skip
    await reader.read()


async def test_what_quickfix_rejects_is_a_finding():
    async with peer(invalid_report) as address:
        (report,) = await checked(plan("odd", address, deadline_ns=2 * SECOND_NS))
    found = next(f for f in report.findings if f.cause == "invalid-message")
    assert 'QuickFIX says "Value is incorrect (out of range) for this tag"' in found.summary
    assert "MsgType(35) 8" in found.summary
    assert "RefTagID(371) 54" in found.summary


async def test_what_ends_quickfix_s_session_is_a_finding():
    """A prober of ours goes on after a Logon that is not meant for it; QuickFIX does not."""
    async with peer(invalid_report) as address:
        (report,) = await checked(plan("even", address, deadline_ns=2 * SECOND_NS))
    assert cause(report) == "engine-ended"
    assert report.status is Status.FAIL
    assert report.findings[0].evidence


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_death_of_quickfix_is_unknown_and_leaves_the_store_right(tmp_path):
    async with venue() as gateway:
        kept = plan(
            "kept", gateway.addresses[0], store=StoreSettings(tmp_path), deadline_ns=5 * SECOND_NS
        )
        before = set(_children())

        class Killer(NoProgress):
            def phase(self, plan, phase):
                if phase is Phase.TEST_REQUEST:
                    for pid in set(_children()) - before:
                        os.kill(pid, signal.SIGKILL)

        async with quickfix_engine([kept]) as layer:
            fleet = await run_fleet(
                [kept], clock=Clock(), host="", version="", engine=layer, progress=Killer()
            )
        (report,) = fleet.checks
        assert report.status is Status.UNKNOWN
        assert cause(report) == "crashed"
        assert "QuickFIX's process" in report.findings[0].summary
        (again,) = await checked(kept)
        assert again.status in (Status.PASS, Status.WARN), again.findings


def _children() -> list[int]:
    pid = os.getpid()
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


async def test_a_level_that_does_not_log_on_needs_no_quickfix():
    async with venue() as gateway:
        (report,) = await checked(plan("tcp", gateway.addresses[0], level=Level.TCP))
    assert report.status is Status.PASS


# The command.


def test_without_the_package_the_line_that_installs_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "quickfix", None)
    words = ["check", "127.0.0.1:1", "--sender", "A", "--target", "B", "--engine", "quickfix"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "pip install 'fixgate[quickfix]'" in result.stderr
    result = CliRunner().invoke(main, [*words, "--nagios"])
    assert result.exit_code == 3
    assert result.stdout.startswith("UNKNOWN - ")


def test_what_a_file_asks_and_quickfix_cannot_do_is_refused(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "sessions:\n  - {name: a, connect: '127.0.0.1:1', begin_string: FIX.4.4, ours: A,\n"
        "     theirs: B, heartbeat: 0s}\n"
    )
    result = CliRunner().invoke(main, ["check", str(path), "--engine", "quickfix"])
    assert result.exit_code == 2
    assert "s.yaml:3:28: QuickFIX cannot ask for no heartbeats" in result.stderr

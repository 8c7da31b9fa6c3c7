"""Level persistence on real sockets: every cut, both kinds of stores, and a venue that restarts."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
import trustme

from fixgate.health.events import CheckCrashed
from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, CheckReport, Level, OrderPlan, Phase, Status
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.health.progress import NoProgress
from fixgate.net.clock import Clock
from fixgate.net.gateway import Gateway
from fixgate.net.settings import (
    ClientTls,
    GatewaySettings,
    ListenSettings,
    StoreSettings,
)
from fixgate.net.stores import open_store
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.venue import VenueSettings, default_instruments
from tests.live.checking import LOOPBACK, SECOND_NS, certificate, checked, peer, plan
from tests.live.test_check import VERSIONS, read, reply

pytestmark = [pytest.mark.live, pytest.mark.timeout(30)]

ORDER = OrderPlan("ABC", "1", Decimal(1), Decimal("10.00"))
QUICK = PersistencePlan(away_ns=50_000_000, messages=2, silence_ns=300_000_000, withhold=1)


@asynccontextmanager
async def venue(*, store=None, port: int = 0, cancels: bool = False, tls=None):
    """Our own venue; with a store it outlives a restart."""
    settings = GatewaySettings(
        "test",
        (ListenSettings(replace(LOOPBACK, port=port), tls=tls),),
        SessionSettings(SessionId("FIX.4.4", "VENUE", "ANYONE"), Role.ACCEPTOR),
        accept_any=True,
        store=StoreSettings(store),
        venue=VenueSettings(instruments=default_instruments(), cancel_on_disconnect=cancels),
    )
    gateway = Gateway(settings)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


def persistent(gateway: Gateway, *cuts: Cut, **changes: object) -> CheckPlan:
    how = {"orders": True, "cuts": cuts or tuple(Cut)} | changes.pop("how", {})  # type: ignore[operator]
    changes = {"level": Level.PERSISTENCE, "order": ORDER, "deadline_ns": 3 * SECOND_NS} | changes
    return plan("desk", gateway.addresses[0], persistence=replace(QUICK, **how), **changes)  # type: ignore[arg-type]


def facts_of(report: CheckReport, phase: Phase) -> dict[str, str]:
    return dict(next(p.facts for p in report.phases if p.phase is phase))


def causes(report: CheckReport) -> set[str]:
    return {f.cause for f in report.findings}


@pytest.mark.parametrize("cut", Cut)
@pytest.mark.parametrize("kept", [False, True], ids=["memory", "disk"])
async def test_each_cut_is_survived(tmp_path, cut, kept):
    ours, theirs = (tmp_path / "ours", tmp_path / "theirs") if kept else (None, None)
    async with venue(store=theirs) as gateway:
        made = persistent(gateway, cut, store=StoreSettings(ours))
        (report,) = await checked(made)
        assert report.status is Status.PASS, report.findings
        (party,) = gateway.roster
        numbers = (party.session.store.next_in, party.session.store.next_out)
    phase = next(p.phase for p in report.phases if p.phase.value == f"back after {cut.value}")
    facts = facts_of(report, phase)
    assert facts["verdict"] == "continued"
    if cut is not Cut.LOGOUT:
        assert facts["missed"].endswith(": 1 resent")
        assert facts["sent into the cut line"] == "1 overheard"
    assert [v for k, v in facts.items() if k.startswith("ClOrdID")] == ["in the book"] * (
        1 if cut is Cut.LOGOUT else 2
    )
    if kept:
        store = open_store(made.store, made.session.id, 1)
        assert (store.next_out, store.next_in) == numbers
        store.close()


async def test_all_cuts_in_one_run_in_every_version():
    async with venue() as gateway:
        plans = [
            replace(
                persistent(gateway, begin_string=begin_string, appl_ver_id=code),
                name=f"v{number}",
                session=replace(
                    persistent(gateway, begin_string=begin_string, appl_ver_id=code).session,
                    id=SessionId(begin_string, f"DESK{number}", "VENUE"),
                ),
            )
            for number, (begin_string, code) in enumerate(VERSIONS)
        ]
        for report in await checked(*plans):
            assert report.status is Status.PASS, (report.plan.session.id, report.findings)
            assert {p.status for p in report.phases} == {Status.PASS}


async def test_over_tls(tmp_path):
    authority, ca = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    async with venue(tls=certificate(tmp_path, authority, "127.0.0.1")) as gateway:
        (report,) = await checked(persistent(gateway, tls=ClientTls(ca=ca)))
    assert report.status is Status.PASS, report.findings
    assert facts_of(report, Phase.BACK_AFTER_RST)["sent into the cut line"] == "1 overheard"


@pytest.mark.parametrize("cancels", [False, True])
@pytest.mark.parametrize("expected", [False, True, None])
async def test_cancel_on_disconnect_is_as_configured(cancels, expected):
    async with venue(cancels=cancels) as gateway:
        how = {"cancel_on_disconnect": expected}
        (report,) = await checked(persistent(gateway, Cut.LOGOUT, Cut.RST, how=how))
    wanted = set()
    if expected is not None and expected is not cancels:
        wanted = {"orders-cancelled" if cancels else "orders-kept"}
    assert causes(report) == wanted, report.findings
    fates = set(facts_of(report, Phase.BACK_AFTER_RST).values())
    assert ("cancelled by the venue" if cancels else "in the book") in fates


class _Restarts(NoProgress):
    """Ends the venue in the middle of a phase, and starts it again."""

    def __init__(self, phase: Phase) -> None:
        self.at = phase
        self.reached = asyncio.Event()

    def phase(self, plan, phase):
        if phase is self.at:
            self.reached.set()


@pytest.mark.parametrize("kept", [True, False], ids=["with its store", "without it"])
async def test_a_venue_that_restarts_while_we_are_away(tmp_path, kept):
    store = tmp_path if kept else None
    progress = _Restarts(Phase.BACK_AFTER_SILENCE)
    async with venue(store=store) as first:
        port = first.addresses[0].port
        how = {"silence_ns": 2 * SECOND_NS, "away_ns": SECOND_NS, "withhold": 0, "orders": False}
        made = persistent(first, Cut.SILENCE, how=how, order=None)
        fleet = asyncio.create_task(
            run_fleet([made], clock=Clock(), host="", version="", progress=progress)
        )
        await progress.reached.wait()
        await asyncio.sleep(0.3)
        first.kill()
        first.roster.close()  # as the death of a process lets go of its locks
        async with venue(store=store, port=port):
            (report,) = (await fleet).checks
    if kept:
        assert report.status is Status.PASS, report.findings
    else:
        assert causes(report) == {"numbers-reset"}
        assert "expects our" in report.findings[0].summary or "MsgSeqNum(34) 1" in str(report)
        assert report.status is Status.FAIL


async def test_a_venue_that_does_not_come_back():
    progress = _Restarts(Phase.BACK_AFTER_RST)
    async with venue() as gateway:
        made = persistent(gateway, Cut.RST, how={"away_ns": SECOND_NS, "orders": False})
        fleet = asyncio.create_task(
            run_fleet([made], clock=Clock(), host="", version="", progress=progress)
        )
        await progress.reached.wait()
        await asyncio.sleep(0.5)
        await gateway.stop()
        (report,) = (await fleet).checks
    assert causes(report) == {"return-unreachable"}
    assert "refused" in report.findings[0].summary


# Whatever happens, nothing is left in the book.


def left_in_the_book(gateway: Gateway) -> int:
    """How many orders rest, by the venue's own count."""
    return sum(len(client.open) for client in gateway._venue._clients.values())


@pytest.mark.parametrize("after_s", [0.1, 0.6])
async def test_called_off_while_the_line_is_down(after_s):
    progress = _Restarts(Phase.BACK_AFTER_RST)
    async with venue() as gateway:
        made = persistent(gateway, Cut.RST, how={"away_ns": 10 * SECOND_NS})
        fleet = asyncio.create_task(
            run_fleet([made], clock=Clock(), host="", version="", progress=progress)
        )
        await progress.reached.wait()
        await asyncio.sleep(after_s)
        assert left_in_the_book(gateway) == 2
        fleet.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fleet
        assert left_in_the_book(gateway) == 0
        (party,) = gateway.roster
        assert not party.logged_on


async def test_the_deadline_passes_while_the_venue_is_mute():
    async def mute_after_return(reader, writer):
        await read(reader)
        if mute_after_return.again:
            await reader.read()
            return
        mute_after_return.again = True
        writer.write(reply("A", 1, (98, 0), (108, 30)))
        for number in range(2, 6):
            asked = await read(reader)
            writer.write(reply("0", number, (112, asked.get(112).decode())))
        await reader.read()

    mute_after_return.again = False
    async with peer(mute_after_return) as address:
        made = plan(
            "odd", address, level=Level.PERSISTENCE, deadline_ns=SECOND_NS,
            persistence=replace(QUICK, cuts=(Cut.FIN,), withhold=0),
        )  # fmt: skip
        (report,) = await checked(made)
    assert causes(report) == {"return-refused"}, report.findings
    assert "has not been answered" in report.findings[0].summary
    assert not any(isinstance(r, CheckCrashed) for r in report.transcript)

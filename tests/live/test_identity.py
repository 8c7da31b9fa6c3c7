"""Who speaks, from files to sockets: a venue that asks for everything, and its clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.config import SessionsConfig, VenueConfig, load
from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckReport, Phase, Status
from fixgate.net.clock import Clock
from fixgate.net.gateway import Gateway
from tests.live.conftest import running
from tests.net.test_ciphers import private, public

pytestmark = pytest.mark.live

SECRETS = {"PW": "pw-canary", "NEW": "new-canary", "KEY": "hmac-canary", "WRONG": "bad-canary"}

VENUE = """\
venue:
  comp_id: VENUE
  listen: 127.0.0.1:0
  store: {path: kept}
  session_status: standard
  sessions:
    - {name: desk 1, begin_string: FIXT.1.1, application_version: FIX.5.0SP2, theirs: DESK,
       their_sub_id: D1, our_location_id: FRA, test_session: test,
       username: one, password: "${env:PW}",
       encrypted_password: {cipher: rsa-pkcs1, key: private.pem, timestamp: true},
       signature: {secret: "${env:KEY}", fields: [SendingTime, MsgSeqNum, Username]}}
    - {name: desk 2, begin_string: FIXT.1.1, application_version: FIX.5.0SP2, theirs: DESK,
       their_sub_id: D2, username: two, password: "${env:PW}"}
    - {name: locked, begin_string: FIXT.1.1, application_version: FIX.5.0SP2, theirs: LOCKED,
       username: three, password: "${env:PW}", account: locked}
    - {name: bank, begin_string: FIX.4.4, theirs: BANK,
       third_parties: {on_behalf_of: [FUND], deliver_to: [BROKER]}}
"""

DESK_1 = """\
    sender_sub_id: D1
    target_location_id: FRA
    test_session: test
    username: one
    password: ${env:PW}
    encrypted_password: {cipher: rsa-pkcs1, key: public.pem, timestamp: true}
    signature: {secret: "${env:KEY}", fields: [SendingTime, MsgSeqNum, Username]}
"""
FIX50 = "    begin_string: FIXT.1.1\n    application_version: FIX.5.0SP2\n"


def gateway(folder: Path) -> Gateway:
    (folder / "private.pem").write_bytes(private())
    (folder / "public.pem").write_bytes(public())
    (folder / "venue.yaml").write_text(VENUE)
    found = load(folder / "venue.yaml", environ=SECRETS)
    assert isinstance(found, VenueConfig)
    return running(found.gateway)


async def check(folder: Path, made: Gateway, fields: str, ours: str = "DESK") -> CheckReport:
    """Check one session by a file; no secret may show in what comes of it."""
    text = f"sessions:\n  - name: one\n    connect: {made.addresses[0]}\n    theirs: VENUE\n"
    (folder / "one.yaml").write_text(f"{text}    ours: {ours}\n    store: {{path: ours}}\n{fields}")
    found = load(folder / "one.yaml", environ=SECRETS | {"HOME": str(folder)})
    assert isinstance(found, SessionsConfig)
    fleet = await run_fleet(found.plans, clock=Clock(), host="test", version="0")
    (report,) = fleet.checks
    assert "canary" not in repr(report)
    assert not journals_with(folder, b"canary")
    return report


def journals_with(folder: Path, secret: bytes) -> list[Path]:
    return [kept for kept in folder.rglob("*.journal") if secret in kept.read_bytes()]


def causes(report: CheckReport) -> list[str]:
    return [finding.cause for finding in report.findings]


async def test_a_session_that_has_everything_passes(tmp_path):
    async with gateway(tmp_path) as made:
        for _ in range(2):
            report = await check(tmp_path, made, FIX50 + DESK_1)
            assert (report.status, report.findings) == (Status.PASS, ())
        logout = next(p for p in report.phases if p.phase is Phase.LOGOUT)
        assert ("SessionStatus(1409)", "4, Session logout complete") in logout.facts
        first = next(party for party in made.roster if party.client.key == "desk 1")
        assert first.session.store.next_in > 10


@pytest.mark.parametrize(
    ("right", "wrong", "cause"),
    [
        ("sender_sub_id: D1", "sender_sub_id: D3", "closed-after-logon"),
        ("target_location_id: FRA", "target_location_id: NYC", "closed-after-logon"),
        ("test_session: test", "test_session: production", "logon-refused"),
        ("username: one", "username: two", "logon-refused"),
        ("password: ${env:PW}", "password: ${env:WRONG}", "logon-refused"),
        ('secret: "${env:KEY}"', 'secret: "${env:WRONG}"', "logon-refused"),
        ("timestamp: true", "timestamp: false", "logon-refused"),
        ("rsa-pkcs1", "rsa-oaep", "logon-refused"),
    ],
)
async def test_one_thing_wrong_is_enough(tmp_path, right, wrong, cause):
    async with gateway(tmp_path) as made:
        report = await check(tmp_path, made, FIX50 + DESK_1.replace(right, wrong))
        assert causes(report) == [cause]


async def test_a_new_password_counts_from_then_on(tmp_path):
    who = FIX50 + "    sender_sub_id: D2\n    username: two\n"
    old, new = "    password: ${env:PW}\n", "    password: ${env:NEW}\n"
    async with gateway(tmp_path) as made:
        report = await check(tmp_path, made, who + old + "    new_password: ${env:NEW}\n")
        assert report.status is Status.PASS
        logon = next(p for p in report.phases if p.phase is Phase.LOGON)
        assert ("SessionStatus(1409)", "1, Session password changed") in logon.facts
        report = await check(tmp_path, made, who + old)
        assert causes(report) == ["logon-refused"]
        assert "Invalid username or password" in report.findings[0].summary
        report = await check(tmp_path, made, who + new)
        # The numbers of the Logon and the Logout that were refused had to be made good.
        assert causes(report) == ["seqnum-gap-filled", "resend-requested"]
        report = await check(tmp_path, made, who + new + "    new_password: ${env:NEW}\n")
        assert causes(report) == ["new-password-refused"]


async def test_a_locked_account_is_named(tmp_path):
    who = FIX50 + "    username: three\n    password: ${env:PW}\n"
    async with gateway(tmp_path) as made:
        (finding,) = (await check(tmp_path, made, who, "LOCKED")).findings
        assert finding.summary == (
            'The venue refused our Logon: "Account locked" (SessionStatus(1409) 6, Account locked).'
        )


async def test_an_order_for_a_third_party_is_answered_in_reverse(tmp_path):
    who = "    begin_string: FIX.4.4\n    on_behalf_of_comp_id: FUND\n"
    order = "    level: order\n    orders: {allow: true, symbol: ABC, price: 10}\n"
    async with gateway(tmp_path) as made:
        report = await check(
            tmp_path, made, f"{who}    deliver_to_comp_id: BROKER\n{order}", "BANK"
        )
        assert (report.status, report.findings) == (Status.PASS, ())
        reports = [e.text for e in report.transcript if e.glyph == "<" and "|35=8|" in e.text]
        assert len(reports) == 2
        assert all("|115=BROKER|" in text and "|128=FUND|" in text for text in reports)


async def test_a_third_party_that_the_venue_does_not_know_is_told(tmp_path):
    who = "    begin_string: FIX.4.4\n    deliver_to_comp_id: NOBODY\n"
    async with gateway(tmp_path) as made:
        (finding,) = (await check(tmp_path, made, who, "BANK")).findings
        assert finding.cause == "logon-refused"
        assert "DeliverToCompID(128) received 'NOBODY', expected 'BROKER'" in finding.summary

"""What a check says about SessionStatus(1409) and about passwords."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.health.events import Closed
from fixgate.health.evidence import Scribe
from fixgate.health.model import Phase, Status
from fixgate.history import Record
from fixgate.session.authentication import HmacSignature
from fixgate.session.logon_options import LogonOptions
from tests.health.helpers import Story, plan


def refused(logout: str):
    story = Story().logon_sent().rx(f"35=5|34=1{logout}").net(Closed(by_peer=True))
    (finding,) = story.judged().findings
    return finding


@pytest.mark.parametrize(
    ("logout", "summary", "step"),
    [
        (
            "|58=no entry|1409=5",
            'The venue refused our Logon: "no entry" '
            "(SessionStatus(1409) 5, Invalid username or password).",
            "Check username and password",
        ),
        (
            "|1409=6",
            "The venue refused our Logon: SessionStatus(1409) 6, Account locked.",
            "Ask the venue to unlock the account",
        ),
        (
            "|1409=7",
            "The venue refused our Logon: SessionStatus(1409) 7, "
            "Logons are not allowed at this time.",
            "Check the venue's session hours",
        ),
        (
            "|1409=8",
            "The venue refused our Logon: SessionStatus(1409) 8, Password expired.",
            "Change the password",
        ),
        (
            "|1409=100",
            "The venue refused our Logon: SessionStatus(1409) 100.",
            "Correct what the venue's text names",
        ),
        (
            "",
            "The venue refused our Logon with a Logout that gives no reason.",
            "Correct what the venue's text names",
        ),
    ],
)
def test_a_refused_logon(logout, summary, step):
    finding = refused(logout)
    assert finding.cause == "logon-refused"
    assert finding.summary == summary
    assert finding.next_step.startswith(step)


def test_a_number_too_low_may_be_told_by_the_status_alone():
    finding = refused("|1409=9")
    assert finding.cause == "seqnum-too-low"
    assert "the venue expects another number and received 1" in finding.summary
    assert '"9, Received msg seq num too low"' in finding.summary


def test_a_logout_unasked():
    story = Story().logged_on().phase(Phase.TEST_REQUEST)
    story.rx("35=5|34=2|58=bye|1409=6").net(Closed(by_peer=True))
    finding = story.judged().findings[0]
    assert finding.cause == "logged-out"
    assert finding.summary.endswith('"bye" (SessionStatus(1409) 6, Account locked).')
    assert finding.next_step.startswith("Ask the venue to unlock")


def test_a_password_due_to_expire_is_a_warning():
    story = Story().logged_on("|1409=2").tested().numbered().logged_out()
    report = story.judged()
    assert [f.cause for f in report.findings] == ["password-due-to-expire"]
    assert report.status is Status.WARN
    logon = next(p for p in report.phases if p.phase is Phase.LOGON)
    assert ("SessionStatus(1409)", "2, Session password due to expire") in logon.facts


def test_a_new_password_that_was_not_taken_is_a_failure():
    story = Story().logged_on("|1409=3|58=too short").tested().numbered().logged_out()
    report = story.judged()
    assert [f.cause for f in report.findings] == ["new-password-refused"]
    assert '"too short"' in report.findings[0].summary
    assert report.status is Status.FAIL


def test_the_logout_phase_shows_the_status():
    story = Story().logged_on().tested().numbered()
    story.phase(Phase.LOGOUT).tx("35=5|34=3").rx("35=5|34=3|58=bye|1409=4")
    story.net(Closed(by_peer=True)).done(Phase.LOGOUT)
    logout = next(p for p in story.judged().phases if p.phase is Phase.LOGOUT)
    assert logout.facts == (
        ("SessionStatus(1409)", "4, Session logout complete"),
        ("Text(58)", "bye"),
    )


def test_no_secret_of_the_session_is_repeated():
    made = plan()
    options = LogonOptions(signature=HmacSignature("hmac-canary"), new_password="next-canary")
    scribe = Scribe(replace(made, session=replace(made.session, logon=options)))
    text = "wrong: s3cret-canary, next-canary or hmac-canary"
    assert scribe.clean(text) == "wrong: ***, *** or ***"
    written = scribe.write(Record(0, "<", b"8=FIX.4.4\x0158=next-canary\x01"))
    assert written is not None
    assert "canary" not in written.text

"""A check that means a test and meets production, or the other way around."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.health.model import Phase, Severity
from fixgate.session.logon_options import LogonOptions
from tests.health.helpers import Story, plan


def judged(wanted: bool | None, flag: str):
    made = plan()
    session = replace(made.session, logon=LogonOptions(test_session=wanted))
    story = Story().logged_on(flag).tested().numbered().logged_out()
    return story.judged(replace(made, session=session))


@pytest.mark.parametrize(
    ("wanted", "flag"),
    [(True, "|464=Y"), (False, ""), (False, "|464=N"), (None, ""), (None, "|464=N")],
)
def test_agreement_is_no_finding(wanted, flag):
    assert judged(wanted, flag).findings == ()


@pytest.mark.parametrize(
    ("wanted", "flag", "severity", "summary"),
    [
        (
            True,
            "|464=N",
            Severity.FAILURE,
            "We asked for a test session; in the venue's answer TestMessageIndicator(464) is N: "
            "this may be its production gateway.",
        ),
        (
            True,
            "",
            Severity.WARNING,
            "We asked for a test session; in the venue's answer TestMessageIndicator(464) is "
            "missing: this may be its production gateway.",
        ),
        (
            False,
            "|464=Y",
            Severity.FAILURE,
            "A test gateway has answered, TestMessageIndicator(464) Y; we asked for production.",
        ),
        (
            None,
            "|464=Y",
            Severity.WARNING,
            "A test gateway has answered, TestMessageIndicator(464) Y; "
            "we did not ask for a test session.",
        ),
    ],
)
def test_disagreement_is_one(wanted, flag, severity, summary):
    (finding,) = judged(wanted, flag).findings
    assert (finding.cause, finding.severity) == ("test-session", severity)
    assert finding.summary == summary


def test_the_logon_phase_shows_it():
    logon = next(p for p in judged(True, "|464=Y").phases if p.phase is Phase.LOGON)
    assert ("TestMessageIndicator(464)", "Y") in logon.facts

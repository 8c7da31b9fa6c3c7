from __future__ import annotations

import pytest

from fixgate.report.runs.veil import Veil
from fixgate.scenario.records import Sent, Wire
from fixgate.scenario.steps import Ask, Parallel, Repeat, Send, SendRaw
from fixgate.scenario.verdict import Result
from tests.fixtext import fix, soh
from tests.report.runs.sample import CONNECT, ended, story

SECRET = "canary-77aa"
LOGON = Send(CONNECT, "client", b"A", ((553, b"desk"), (554, SECRET.encode())))


@pytest.mark.parametrize("tag", [554, 925, 96, 1402, 1404])
@pytest.mark.parametrize("kind", ["wire", "sent", "garbled"])
def test_what_stood_in_a_secret_field_is_hidden_in_every_sentence(tag, kind):
    body = f"35=A|34=1|{tag}={SECRET}"
    what = {
        "wire": Wire("client", fix(body)),
        "sent": Sent("client", 1, fix(body)),
        "garbled": Wire("client", soh(body), "no BeginString(8)"),
    }[kind]
    veil = Veil(ended(story(CONNECT), Result.PASS, [(0.0, ">", what)]))
    assert veil.line(f"you said {SECRET}!") == "you said ***!"


@pytest.mark.parametrize(
    "step",
    [
        LOGON,
        SendRaw(CONNECT, "client", soh(f"35=A|554={SECRET}|")),
        Ask(CONNECT, "log on", LOGON),
        Repeat(CONNECT, 2, (LOGON,)),
        Parallel(CONNECT, ((), (LOGON,))),
    ],
    ids=["send", "raw", "ask", "repeat", "parallel"],
)
def test_what_a_step_would_have_sent_is_hidden_before_it_does(step):
    veil = Veil(ended(story(steps=(step,)), Result.SKIPPED))
    assert veil.line(f"send Logon(A) with Password(554) = {SECRET}, Username(553) = desk") == (
        "send Logon(A) with Password(554) = ***, Username(553) = desk"
    )


def test_lines_are_printable_and_empty_ones_are_left_out():
    veil = Veil(ended(story(), Result.PASS))
    assert veil.line("a\x1b[2J\nb") == "a\\x1b[2J\\x0ab"
    assert veil.lines("one\n\n  two\x07\r\n \n") == ("one", "  two\\x07")

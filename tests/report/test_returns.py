"""The persistence verdict by an engine's own log and store: nobody logs on."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fixgate.cli.main import main
from fixgate.net.journal import JournalStore
from fixgate.session.settings import SessionId
from tests.fixtext import fix
from tests.health.persistence.test_table import TABLE
from tests.health.persistence.venue import checked, plan
from tests.report.engine_logs import ENGINES, write_log

NAME = "FIX.4.4-DESK-VENUE"
AT_NS = 1_772_442_000_000_000_000  # 2026-03-02 09:00:00


def said(text: str) -> bytes:
    """``> 35=A|34=1`` sent by the desk, ``< ...`` received; the time goes up with the number."""
    ours = text[0] == ">"
    kind, number, *rest = text[2:].split("|")
    at = "" if any(f.startswith("52=") for f in rest) else "52=20260302-09:00:00.000|"
    ids = "49=DESK|56=VENUE" if ours else "49=VENUE|56=DESK"
    return fix("|".join((kind, number, ids, at + "|".join(rest))).rstrip("|"))


def story(*lines: str) -> list[bytes]:
    return [said(line) for line in lines]


BEGIN = ("> 35=A|34=1|98=0|108=30", "< 35=A|34=1|98=0|108=30", "> 35=1|34=2|112=a",
         "< 35=0|34=2|112=a", "> 35=5|34=3", "< 35=5|34=3")  # fmt: skip
REPORT = "37=O1|11=C1|17=E1|150=0|39=0|55=ABC|54=1|151=5|14=0|6=0"


def run(*words: object):
    return CliRunner().invoke(main, ["store", "persistence", *map(str, words)])


def judged(tmp_path, *lines: str, engine: str = "C++"):
    write_log(tmp_path, story(*BEGIN, *lines), engine, NAME)
    return run(tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_return_that_is_whole(tmp_path, engine):
    lines = ("> 35=A|34=4|98=0|108=30", "< 35=A|34=4|98=0|108=30", "> 35=5|34=5", "< 35=5|34=5")
    result = judged(tmp_path, *lines, engine=engine)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "whole FIX.4.4:DESK->VENUE: 1 return\n"
        "  return 1 2026-03-02T09:00:00.000Z: continued\n"
        "    ours: next 4, came back with 4; theirs: expected 4, came back with 4\n"
    )


def test_what_was_missed_came_again(tmp_path):
    result = judged(
        tmp_path,
        "> 35=A|34=4|98=0|108=30",
        "< 35=A|34=5|98=0|108=30",
        "> 35=2|34=5|7=4|16=0",
        f"< 35=8|34=4|43=Y|122=20260302-08:59:00.000|{REPORT}",
        "< 35=4|34=5|43=Y|122=20260302-09:00:00.000|123=Y|36=6",
        "> 35=5|34=6",
        "< 35=5|34=6",
    )
    assert result.exit_code == 0, result.output
    assert "missed: 4: 1 resent" in result.stdout


def test_a_return_that_is_not_whole_has_its_evidence(tmp_path):
    result = judged(tmp_path, "> 35=A|34=4|98=0|108=30", "< 35=A|34=2|98=0|108=30", "> 35=5|34=5")
    assert result.exit_code == 1
    assert "NOT whole FIX.4.4:DESK->VENUE: 1 return" in result.stdout
    assert "diverged by 2: the venue's own numbers went back" in result.stdout
    assert "numbers-rolled-back (gateway, failure)" in result.stdout
    assert "next step: Tell the venue both numbers" in result.stdout
    assert "< 8=FIX.4.4|9=" in result.stdout


def test_our_own_engine_lost_its_numbers(tmp_path):
    result = judged(
        tmp_path,
        "> 35=A|34=1|98=0|108=30",
        "< 35=5|34=4|58=MsgSeqNum too low, expecting 4 but received 1",
    )
    assert result.exit_code == 1
    assert "own-numbers-lost (host, failure)" in result.stdout
    assert "has MsgSeqNum(34) 1, expected 4" in result.stdout


def test_a_restart_of_both_sides_is_another_session(tmp_path):
    result = judged(tmp_path, "> 35=A|34=1|98=0|108=30", "< 35=A|34=1|98=0|108=30")
    assert result.exit_code == 0, result.output
    assert "both sides began at 1, as by a schedule" in result.stdout


def test_a_reset_that_our_own_engine_asks_for(tmp_path):
    result = judged(
        tmp_path, "> 35=A|34=1|98=0|108=30|141=Y", "< 35=A|34=1|98=0|108=30|141=Y", "> 35=5|34=2"
    )
    assert result.exit_code == 0, result.output
    assert "reset-asked (configuration, warning)" in result.stdout


def test_a_log_that_ends_too_early(tmp_path):
    result = judged(
        tmp_path, "> 35=A|34=4|98=0|108=30", "< 35=A|34=6|98=0|108=30", "> 35=2|34=5|7=4|16=0"
    )
    assert result.exit_code == 3
    assert "cannot be told: 4 to 5 outstanding" in result.stdout


def test_what_never_came_although_the_session_went_on(tmp_path):
    result = judged(
        tmp_path,
        "> 35=A|34=4|98=0|108=30",
        "< 35=A|34=6|98=0|108=30",
        "> 35=2|34=5|7=4|16=0",
        "< 35=0|34=7",
        "< 35=0|34=8",
    )
    assert result.exit_code == 1
    assert "lost 4 to 5" in result.stdout


@pytest.mark.parametrize(
    "again",
    [
        ("> 35=A|34=4|98=0|108=30", "< 35=A|34=40|98=0|108=30", "> 35=1|34=5|112=b"),
        ("> 35=A|34=4|98=0|108=30|789=40", "< 35=A|34=40|98=0|108=30|789=5", "> 35=1|34=5|112=b"),
        ("> 35=A|34=4|98=0|108=30", "< 35=A|34=41|98=0|108=30", "> 35=2|34=5|7=40|16=0",
         f"< 35=8|34=40|43=Y|122=20260302-08:59:00.000|{REPORT}"),
    ],
    ids=["asks for nothing", "says what it has", "asks for what it lacks"],
)  # fmt: skip
def test_a_log_with_holes_accuses_nobody(tmp_path, again):
    """Heartbeats are not written down (FileLogHeartbeats=N), or a file is gone."""
    result = judged(tmp_path, *again)
    assert result.exit_code == 0, result.output
    assert "continued" in result.stdout


@pytest.mark.parametrize(
    "lines",
    [
        ("> 35=A|34=4|98=0|108=30", "< 35=A|34=4|98=0|108=30", "> 35=2|34=5|7=2|16=0",
         "< 35=4|34=2|43=Y|122=20260302-08:59:00.000|123=Y|36=5"),
        ("> 35=A|34=4|98=0|108=30|789=2", "< 35=A|34=4|98=0|108=30",
         "< 35=4|34=2|43=Y|122=20260302-08:59:00.000|123=Y|36=5"),
    ],
)  # fmt: skip
def test_our_own_engine_forgot_what_it_had_taken(tmp_path, lines):
    result = judged(tmp_path, *lines)
    assert result.exit_code == 1
    assert "our count of theirs rolled back by 2" in result.stdout
    assert "asks for the venue's MsgSeqNum(34) 2 again, expected 4" in result.stdout


def test_our_own_numbers_moved_by_hand(tmp_path):
    lines = ("> 35=4|34=4|36=20", "> 35=A|34=20|98=0|108=30", "< 35=A|34=4|98=0|108=30")
    assert judged(tmp_path, *lines).exit_code == 0


def test_a_log_without_a_return(tmp_path):
    result = judged(tmp_path)
    assert result.exit_code == 3
    assert result.stdout == "cannot be told FIX.4.4:DESK->VENUE: no return in its log\n"


JUDGED_BY_MESSAGES = [
    name
    for name, (habits, *_) in TABLE.items()
    if not (
        habits.unstored or habits.forgets or habits.drops or habits.cancels_silently or habits.mute
    )
    and "withhold" not in TABLE[name][2]
    and habits.throws_out != "end of day"
    and TABLE[name][3].split()[:1]
    not in (["orders-kept"], ["orders-cancelled"], ["application-gap-filled"], ["replay-wrong"])
]
"""What nobody has to have overheard, or asked for, to know."""


@pytest.mark.parametrize("name", JUDGED_BY_MESSAGES)
def test_the_log_of_a_client_gives_the_verdict_of_the_check(tmp_path, name):
    habits, cut, how, causes, _ = TABLE[name]
    report, _ = checked(plan(cut, **how), habits)
    told = [e.text.encode() for e in report.transcript if e.glyph in "<>"]
    write_log(tmp_path, [each.replace(b"|", b"\x01") for each in told], name=NAME)
    result = run(tmp_path, "--json")
    found = json.loads(result.stdout)
    named = {f["cause"] for each in found["returns"] for f in each["findings"]}
    lost_sight = {"messages-lost", "numbers-rolled-back"} if habits.out_by == -1 else set()
    assert named - lost_sight == set(causes.split()) - lost_sight, result.stdout


# Whose log it is, and stores.


def test_the_log_of_an_acceptor_judges_its_client(tmp_path):
    lines = (*BEGIN, "> 35=A|34=1|98=0|108=30", "< 35=5|34=4|58=MsgSeqNum too low, expecting 4 but "
             "received 1")  # fmt: skip
    (tmp_path / "FIX.4.4-VENUE-DESK.seqnums").write_text("         5 :          4")
    write_log(tmp_path, story(*lines), name="FIX.4.4-VENUE-DESK")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "FIX.4.4-VENUE-DESK: 1 return" in result.stdout
    assert "its own numbers" in result.stdout


def test_a_store_without_a_log_cannot_be_judged(tmp_path):
    (tmp_path / f"{NAME}.seqnums").write_text("         5 :          4")
    result = run(tmp_path)
    assert result.exit_code == 3
    assert "cannot be told FIX.4.4-DESK-VENUE: no log of messages" in result.stdout


@pytest.mark.parametrize(
    ("numbers", "code", "words"),
    [
        ("         9 :          7", 3, "cannot be told"),
        ("         1 :          1", 1, "sends next is 1, expected at least 5 as before"),
        ("         5 :          3", 1, "expects next is 3, expected at least 4 as before"),
    ],
)
def test_a_store_beside_its_copy_from_before(tmp_path, numbers, code, words):
    for name, text in (("before", "         5 :          4"), ("after", numbers)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{NAME}.seqnums").write_text(text)
    result = run(tmp_path / "after", "--before", tmp_path / "before")
    assert result.exit_code == code
    assert words in " ".join(result.stdout.split())


def test_a_store_of_fixgate_holds_both_directions(tmp_path):
    store = JournalStore(tmp_path, SessionId("FIX.4.4", "DESK", "VENUE"), AT_NS)
    for number, line in enumerate(BEGIN[::2], 1):
        store.sent(number, said(line), AT_NS)
        store.received(number + 1, said(BEGIN[2 * number - 1]), AT_NS)
    # The answer to the second Logon is counted when its turn has come: behind what was missed.
    store.sent(4, said("> 35=A|34=4|98=0|108=30"), AT_NS)
    store.sent(5, said("> 35=2|34=5|7=4|16=0"), AT_NS)
    again = said(f"< 35=8|34=4|43=Y|122=20260302-08:59:00.000|{REPORT}")
    store.received(5, again, AT_NS)
    store.received(6, said("< 35=A|34=5|98=0|108=30"), AT_NS)
    store.close()
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    assert "whole FIX.4.4:DESK->VENUE: 1 return" in result.stdout
    assert "missed: 4: 1 resent" in result.stdout


def test_bad_input_is_told_by_file_and_line(tmp_path):
    path = write_log(tmp_path, story(*BEGIN), name=NAME)
    path.write_bytes(path.read_bytes() + b"20260302-09:00:00.000 : 8=FIX.4.4\x019=5\x0135=0\x01")
    result = run(tmp_path)
    assert f"{path}:7: garbled, not judged" in result.stderr
    assert run(tmp_path / "nowhere").exit_code == 2
    (tmp_path / "empty").mkdir()
    assert "neither a store nor a log" in run(tmp_path / "empty").stderr
    assert run(tmp_path, "--session", "nobody").exit_code == 2


def test_secrets_are_masked(tmp_path):
    lines = (
        "> 35=A|34=1|98=0|108=30|553=me|554=canary",
        "< 35=5|34=9|58=MsgSeqNum too low, expecting 4 but received 1",
    )
    result = judged(tmp_path, *lines)
    assert "canary" not in result.output

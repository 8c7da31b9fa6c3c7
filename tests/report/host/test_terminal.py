"""The host's account on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from fixgate.host.account import Account
from fixgate.host.comparison import compare
from fixgate.host.model import Snapshot
from fixgate.report.host.terminal import (
    account_lines,
    print_account,
    print_comparison,
    summary_lines,
)
from fixgate.report.layout import Glyphs
from tests.host.judging.helpers import BEST, QUIET, changed, with_nic

UTF8 = Glyphs.for_encoding("utf-8")
ASCII = Glyphs.for_encoding("ascii")

TROUBLED = changed(
    with_nic(duplex="half"),
    memory={"merging": True, "waiting_io": None},
    process={"load": None},
)


def shown(account: Account, width: int = 100, glyphs: Glyphs = UTF8) -> list[str]:
    return [text.plain.rstrip() for text in account_lines(account, width, glyphs)]


def summary(account: Account, width: int = 100) -> list[str]:
    return [text.plain.rstrip() for text in summary_lines(account, width, UTF8)]


def test_the_page_begins_with_its_counts():
    lines = shown(Account.of(BEST, QUIET), 140)
    counted = len(Account.of(BEST, QUIET).graded(Account.of(BEST).lines[0].grade))
    assert lines[0].startswith(
        f"fixgate host   0 bad, 0 could be better, {counted} good, 0 not known "
    )
    assert lines[0].endswith(
        "2026-11-27 06:34:01 UTC · desk-1 · watched for 1.00 s · fixgate 0.1.0"
    )


def test_every_group_has_its_heading_and_every_fact_its_line():
    account = Account.of(TROUBLED)
    lines = shown(account)
    for group in ("processor", "interrupts", "memory", "network", "clock", "process"):
        assert group in lines
    assert sum(line[2:3] in set("✓!✗?·") for line in lines if line[:2] == "  ") == len(
        account.lines
    )


def test_advice_stands_below_what_was_found():
    lines = shown(Account.of(TROUBLED))
    at = next(index for index, line in enumerate(lines) if "eth0 link" in line)
    column = lines[at].index("25000")
    assert lines[at].startswith("  ✗ eth0 link ")
    assert [line[column:] for line in lines[at : at + 3]] == [
        "25000 Mbit/s, half duplex, MTU 1500",
        "good  up, full duplex",
        "how   ethtool -s eth0 autoneg on, here and at the switch",
    ]


def test_what_is_good_has_no_advice():
    lines = shown(Account.of(BEST))
    assert not any(line.strip().startswith(("good ", "how ")) for line in lines)


@pytest.mark.parametrize("width", [40, 80, 100, 120])
@pytest.mark.parametrize("glyphs", [UTF8, ASCII], ids=["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal(width: int, glyphs: Glyphs):
    lines = shown(Account.of(TROUBLED, QUIET), width, glyphs)
    assert max(map(len, lines)) <= max(width, 46)
    if glyphs is ASCII:
        assert all(line.isascii() for line in lines)


def test_what_could_not_be_read_is_named_with_its_reason():
    account = Account.of(replace(BEST, unread=(("/proc/x", "not there"),) * 10))
    lines = shown(account)
    at = lines.index("could not be read")
    assert lines[at + 1] == "  /proc/x: not there"
    assert lines[-1] == "  and 2 more: --json names all"


def test_another_board_shows_bad_lines_alone():
    lines = summary(Account.of(TROUBLED))
    assert lines[0] == ""
    assert lines[1].startswith("this host   1 bad, 1 could be better, ")
    assert lines[2:] == ["  ✗ eth0 link: 25000 Mbit/s, half duplex, MTU 1500"]
    assert len(summary(Account.of(BEST))) == 2


def test_nothing_that_is_read_moves_the_cursor():
    hostile = with_nic(name="et\x1b[2Jh0", targets=("\x9b1m",))
    text = "\n".join(shown(Account.of(replace(hostile, host="a\x07b"))))
    assert not set(text) & {"\x1b", "\x9b", "\x07"}


def printed(before: Snapshot, after: Snapshot, width: int = 100) -> str:
    out = io.StringIO()
    print_comparison(compare(before, after), Console(file=out, width=width, color_system=None))
    return out.getvalue()


def test_nothing_is_different():
    later = replace(BEST, taken_ns=BEST.taken_ns + 10**9)
    text = printed(BEST, later)
    assert text.startswith("fixgate host   0 changed, 0 counts grew")
    assert "since 2026-11-27 06:34:01 UTC" in text
    assert text.endswith("nothing is different\n")


def test_what_was_changed_and_what_grew():
    later = replace(BEST, taken_ns=BEST.taken_ns + 10**9)
    counts = replace(BEST.counters.counts, retrans_segs=25, prune_called=2)
    later = changed(later, memory={"merging": True}, counters={"counts": counts})
    lines = printed(BEST, later).splitlines()
    assert "  page merging (memory)" in lines
    assert "    then  off" in lines
    assert "    now   on (KSM)" in lines
    assert "  TCP segments sent again  15 more (25 in all)" in lines


def test_a_restart_and_another_machine_are_said():
    later = replace(BEST, taken_ns=BEST.taken_ns + 10**9)
    restarted = changed(later, machine={"boot_id": "another"})
    assert "restarted in between, so that counts began anew" in printed(BEST, restarted, 160)
    assert "two machines" in printed(BEST, replace(later, host="desk-2"), 160)


def test_a_page_is_printed():
    out = io.StringIO()
    print_account(Account.of(BEST), Console(file=out, width=80, color_system=None))
    assert out.getvalue().count("\n") > 40

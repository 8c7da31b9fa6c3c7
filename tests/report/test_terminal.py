from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from fixgate.host.account import Account
from fixgate.report.layout import Glyphs
from fixgate.report.terminal import board_lines, print_board
from tests.host.judging.helpers import QUIET, with_nic
from tests.report.sample import PASSWORD, fleet


class Stream(io.StringIO):
    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        return self._encoding


def printed(run, *, width=120, encoding="utf-8", verbose=False, **options) -> str:
    stream = Stream(encoding)
    print_board(run, Console(file=stream, width=width, highlight=False, **options), verbose=verbose)
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal(width, encoding):
    for verbose in (False, True):
        text = printed(fleet(rehearsal=True), width=width, encoding=encoding, verbose=verbose)
        assert max(len(line) for line in text.splitlines()) <= width
        assert not any(line.endswith(" ") for line in text.splitlines())


def test_plain_stream_gets_no_escape_sequences():
    assert "\x1b" not in printed(fleet())


def test_colours_on_a_terminal_and_none_with_no_color(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m" in printed(fleet(), force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(fleet(), force_terminal=True, color_system="standard")
    assert "\x1b[31m" not in text
    assert "\x1b[1;31m" not in text


def test_ascii_terminal_gets_ascii():
    assert printed(fleet(), encoding="iso-8859-1").isascii()


def test_header_counts_and_every_session_has_a_row():
    text = printed(fleet())
    assert "12 GO, 4 NO-GO (1 with warning)" in text
    for check in fleet().checks:
        assert f" {check.plan.name} " in text
    assert "✓ GO     xlon-main" in text
    assert "✗ NO-GO  xlon-backup" in text
    assert "London Equities" in text


def test_wide_board_shows_the_times():
    head = next(line for line in printed(fleet(), width=140).splitlines() if "rtt min" in line)
    for title in ("version", "address", "tcp", "tls", "logon", "rtt min", "rtt med", "order"):
        assert title in head


def test_narrow_board_keeps_name_verdict_and_median():
    text = printed(fleet(), width=60)
    head = next(line for line in text.splitlines() if "rtt med" in line)
    assert "tls" not in head
    assert "session" in head


def test_block_of_a_failure_says_what_and_what_next():
    text = printed(fleet())
    block = " ".join(text[text.index("── ✗ NO-GO  xlon-backup") :].split())
    for words in (
        "logon-refused · gateway · phase logon",
        'The venue refused the Logon: "Invalid username or password".',
        "next step Check Username(553)",
        "554=***",
        "58=Invalid username or password",
        "FIX.4.4:DESK1->XLONBACKUP · sessions/fleet.yaml:12",
    ):
        assert words in block


def test_board_comes_last_so_that_it_stays_in_sight():
    text = printed(fleet())
    assert text.index("next step") < text.index("fixgate check")
    assert text.rstrip().splitlines()[-1].startswith("12 GO, 4 NO-GO")


def test_rehearsal_says_sick_as_expected():
    text = printed(fleet(rehearsal=True))
    assert text.count("sick as expected: ") == 4
    assert "4 sick as expected" in text.splitlines()[-1]


def test_warning_has_its_block_only_when_verbose():
    assert "── ! GO  xosl-main" not in printed(fleet())
    verbose = printed(fleet(), verbose=True)
    assert "── ! GO  xosl-main" in verbose
    assert "112=fixgate-1" in verbose


def test_password_never_shows():
    assert PASSWORD not in printed(fleet(), verbose=True)


def test_board_lines_need_no_console():
    lines = list(board_lines(fleet(), 100, Glyphs.for_encoding("UTF-8")))
    assert any("xlon-main" in line.plain for line in lines)


def test_the_host_is_one_line_and_what_is_bad():
    taken = replace(fleet(), host_account=Account.of(with_nic(duplex="half"), QUIET))
    out = io.StringIO()
    print_board(taken, Console(file=out, width=120, color_system=None))
    lines = out.getvalue().splitlines()
    at = next(index for index, text in enumerate(lines) if text.startswith("this host   1 bad, "))
    assert lines[at].endswith("fixgate host says how to do better")
    assert lines[at + 1 : at + 3] == ["  ✗ eth0 link: 25000 Mbit/s, half duplex, MTU 1500", ""]

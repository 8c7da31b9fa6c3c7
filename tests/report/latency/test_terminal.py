"""A measurement on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from rich.console import Console

from fixgate.host.account import Account
from fixgate.latency.model import LatencyReport, Mode
from fixgate.report.latency.terminal import print_latency
from fixgate.triage.model import Exchange, Layer, Mark, StampSource
from tests.host.judging.helpers import QUIET, with_nic
from tests.latency.samples import MS, US, sample
from tests.report.latency.made import FRAME, report, verdict
from tests.report.latency.sample import measured
from tests.report.sample import PASSWORD
from tests.report.test_terminal import Stream


def printed(made: LatencyReport, *, width=120, encoding="utf-8", verbose=False, **options) -> str:
    stream = Stream(encoding)
    console = Console(file=stream, width=width, highlight=False, **options)
    print_latency(made, console, verbose=verbose)
    return stream.getvalue()


@cache
def made(sessions: int = 3, mode: Mode = Mode.OPEN) -> LatencyReport:
    return measured(sessions, 300, mode=mode)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("mode", list(Mode))
def test_no_line_is_wider_than_the_terminal(width, encoding, mode):
    for verbose in (False, True):
        text = printed(made(mode=mode), width=width, encoding=encoding, verbose=verbose)
        assert max(len(line) for line in text.splitlines()) <= width
        assert not any(line.endswith(" ") for line in text.splitlines())
        assert encoding != "ascii" or text.isascii()


def test_plain_stream_gets_no_escape_sequences():
    assert "\x1b" not in printed(made())


def test_colours_on_a_terminal_and_none_with_no_color(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    options = {"force_terminal": True, "color_system": "standard"}
    assert "\x1b[1;31m" in printed(made(), **options)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*(3|4|9)[0-7]m", printed(made(), **options))


def test_head_says_what_and_how():
    text = printed(made())
    assert "fixgate latency   3 budgets missed, 1 budget kept, 1 session failed" in text
    assert "2026-11-22 08:30:00 UTC · desk-host-1 · fixgate 0.1.0" in text
    assert "  measured    open loop, 50 requests a second on each session, 300 requests" in text
    assert "  floor       this tool against itself on this machine: " in text


def rows(text: str, title: str) -> list[list[str]]:
    """Return the rows under a heading, each split at two spaces or more."""
    lines = text.splitlines()
    found = []
    for line in lines[lines.index(title) + 1 :]:
        if not line.startswith("  "):
            break
        if not line.startswith("    └"):
            found.append(re.split(r"\s{2,}", line.strip()))
    return found


def test_a_row_for_each_session_and_exchange():
    samples = [
        sample((100 + i) * US, at_ns=i, late_ns=5 * US, session=name)
        for name in ("a", "b")
        for i in range(1000)
    ]
    text = printed(report(*samples), width=160)
    (title,) = [line for line in text.splitlines() if "session" in line and "p99.9" in line]
    columns = "session clock count min p50 p90 p99 p99.9 max app p50 app p99 resp p99 resp max"
    assert title.split() == columns.split()
    figures = "1,000 100 us 599 us 999 us 1.09 ms 1.10 ms 1.10 ms 629 us 1.12 ms 1.12 ms 1.13 ms"
    wanted = [["a", "kernel", *figures.split()], ["b", "kernel", *figures.split()]]
    found = rows(text, "TestRequest to Heartbeat")
    assert [" ".join(row).split() for row in found] == wanted


def test_without_stamps_the_applications_figure_stands_where_the_wires_would():
    text = printed(report(sample(None, app_ns=300 * US)))
    assert rows(text, "TestRequest to Heartbeat")[0][:2] == ["xlon", "user"]
    assert "app p50" not in text


def test_narrow_terminals_keep_what_matters():
    text = printed(made(1), width=80)
    title = next(line for line in text.splitlines() if " p50" in line and "session" in line)
    columns = "session count lost p50 p90 p99 max app p99 resp p99"
    assert title.split() == columns.split()


def test_budgets_and_marks_stand_under_their_row():
    text = printed(
        report(
            *[sample(100 * US, at_ns=i) for i in range(99)],
            sample(9 * MS, at_ns=99, marks=(Mark.RETRANSMITTED, Mark.LATE)),
            budgets=("p50<1ms", "max<2ms", "app max<5ms"),
        )
    )
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  ✗  xlon"))
    assert lines[at + 1] == "    └ missed max<2ms: 9.00 ms, app max<5ms: 9.03 ms"
    assert lines[at + 2] == "    └ 1 retransmitted, 1 late; without these max 100 us"


def test_a_sample_with_two_marks_is_one_marked_sample():
    text = printed(report(sample(marks=(Mark.LATE, Mark.STALLED))), width=160)
    assert rows(text, "TestRequest to Heartbeat")[0][:4] == ["xlon", "kernel", "1", "1"]
    assert "1 request · 1 marked" in text


def test_a_missing_reply_misses_and_is_counted():
    text = printed(report(sample(), unanswered=2, budgets=("max<1s",)))
    assert "missed max<1s: too many requests were not answered" in text
    assert "3 requests · 2 not answered" in text
    assert rows(text, "TestRequest to Heartbeat")[0][:5] == ["✗", "xlon", "kernel", "1", "2"]


def test_where_nothing_is_answered_there_is_a_row():
    text = printed(report(unanswered=5))
    assert rows(text, "TestRequest to Heartbeat") == [["✗", "xlon", "0", "5"]]
    assert "1 session failed" in text


def test_a_budget_that_nothing_was_measured_of_is_told():
    text = printed(report(sample(), budgets=("fill p99<1ms",)))
    assert "fixgate latency   1 budget not measured" in text
    assert "Nothing was measured of fill p99<1ms" in text


def test_figures_are_no_finer_than_the_log():
    frame = replace(FRAME, mode=Mode.LOG, targets=("fix.log",), precision_ns=MS)
    samples = [sample(None, app_ns=n * MS, source=StampSource.LOG, at_ns=n) for n in (0, 2, 13)]
    text = printed(report(*samples, frame=frame))
    row = rows(text, "TestRequest to Heartbeat")[0]
    assert row == ["xlon", "log", "3", "<1 ms", "2 ms", "13 ms"]
    assert not re.search(r"\d\.\d+ (us|ms)", text)


def test_the_spectrum_is_of_the_slowest_session_and_of_all_when_asked():
    samples = [sample(n * US, at_ns=i, session=f"s{n}") for n in (100, 900) for i in range(200)]
    text = printed(report(*samples))
    assert "heartbeat  s900, the slowest of 2 at the 99th percentile" in text
    assert "\nheartbeat  s100" not in text
    assert "\nheartbeat  s100" in printed(report(*samples), verbose=True)


def test_the_spectrum_shows_what_coordinated_omission_hides():
    """One reply that takes 80 ms: the nine that were due meanwhile waited too, and it is seen."""
    quick = [sample(100 * US, at_ns=i * 10 * MS, late_ns=0) for i in range(91)]
    late = [sample(100 * US, at_ns=80 * MS + i, late_ns=(80 - 8 * i) * MS) for i in range(9)]
    text = printed(report(*quick, *late))
    spectrum = text[text.index("log scale from") :]
    p95 = next(line for line in spectrum.splitlines() if line.strip().startswith("p95"))
    assert p95.split()[-6:] == ["100", "us", "130", "us", "40.1", "ms"]
    assert "█" in p95
    assert p95.count("░") > p95.count("█")


def test_slow_samples_tell_when_where_and_why():
    slow = sample(12 * MS, at_ns=1234 * MS, kind=Exchange.ACKNOWLEDGEMENT, marks=(Mark.LATE,))
    text = printed(report(slow, verdicts={slow.name: verdict(Layer.MATCHING)}))
    lines = text.splitlines()
    at = lines.index("slowest")
    assert re.split(r"\s{2,}", lines[at + 2].strip()) == [
        "08:30:01.234", "order ack", "xlon", "12.0 ms", "12.0 ms", "matching engine (high)", "late",
    ]  # fmt: skip
    assert lines[at + 3] == f"    {'?' * 28}  It was the matching engine."
    assert "M matching engine 1" in text
    assert "  next step   Ask the venue." in text


def test_what_is_usual_is_said_to_be_so():
    usual = verdict(Layer.UNATTRIBUTED, rule="usual", next_step="")
    text = printed(report(sample(), verdicts={"T0": usual}))
    assert "nothing unusual" in text
    assert "next step" not in text


def test_evidence_is_shown_when_asked():
    assert "min_rtt: 212 us before, 212 us after" not in printed(made())
    assert "min_rtt: 212 us before, 212 us after" in printed(made(), verbose=True)


def test_fifty_sessions():
    text = printed(made(50))
    assert all(f" line-{i:02d} " in text for i in range(4, 51))
    assert len(rows(text, "order to acknowledgement")) == 50
    assert len(rows(text, "TCP connect")) == 4
    assert "and 47 more, none of them slower" in text
    assert len(text.splitlines()) < 300


def test_a_session_that_did_not_come_up_has_its_findings():
    text = printed(made())
    assert "── ✗ NO-GO  xams-main" in text
    assert "logon-refused" in text
    assert PASSWORD not in text


def test_nothing_was_measured():
    text = printed(report())
    assert "fixgate latency   0 sessions measured" in text
    assert "nothing was measured" in text


def test_the_host_is_one_line_and_what_is_bad():
    taken = replace(made(), host_account=Account.of(with_nic(duplex="half"), QUIET))
    lines = printed(taken).splitlines()
    at = next(index for index, text in enumerate(lines) if text.startswith("this host   1 bad, "))
    assert lines[at + 1 : at + 3] == ["  ✗ eth0 link: 25000 Mbit/s, half duplex, MTU 1500", ""]

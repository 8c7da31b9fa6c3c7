"""The oracle on literal wires: what it takes, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtext import fix
from tests.session.oracle import Habits, Oracle
from tests.session.tap import SECOND, DisobedienceError, instant, split

NOW = instant(b"20260302-09:00:00.000")


def sent(body: str, *, now: str = "20260302-09:00:00.000", ours: str = "A") -> bytes:
    kind, _, rest = body.partition("|")
    theirs = "B" if ours == "A" else "A"
    return fix(f"{kind}|49={ours}|52={now}|56={theirs}|{rest}")


def active(**habits: bool) -> Oracle:
    """An acceptor A that has answered B's Logon; HeartBtInt 10."""
    oracle = Oracle(b"FIX.4.4", b"A", b"B", False, 10, Habits(**habits))  # type: ignore[arg-type]
    oracle.opened(NOW)
    oracle.received(sent("35=A|34=1|98=0|108=10", ours="B"), NOW)
    oracle.wrote(sent("35=A|34=1|98=0|108=10"), NOW)
    return oracle


@pytest.mark.parametrize("name", ["oracle.py", "missing.py", "tap.py"])
def test_it_shares_no_code_with_the_session(name: str):
    source = (Path(__file__).parent / name).read_text(encoding="utf-8")
    assert "import fixgate" not in source
    assert "from fixgate" not in source


def test_its_own_parser():
    data = fix("35=0|34=2|49=A|52=x|56=B")
    messages, rest = split(data + data[:9])
    assert [(m.type, m.number, m.dup) for m in messages] == [(b"0", 2, False)]
    assert rest == data[:9]
    for wrong in (data.replace(b"34=2", b"34=3"), fix("34=2|35=0|49=A"), fix("35=0|34=2|34=2")):
        with pytest.raises(DisobedienceError):
            split(wrong)


def test_a_message_in_order_and_a_gap():
    oracle = active()
    oracle.received(sent("35=H|34=2|11=x", ours="B"), NOW)
    assert (oracle.delivered, oracle.next_in) == ([b"x"], 3)
    oracle.received(sent("35=H|34=5|11=z", ours="B"), NOW)
    oracle.wrote(sent("35=2|34=2|7=3|16=0"), NOW)
    again = "43=Y|122=20260302-09:00:00.000"
    oracle.received(sent(f"35=4|34=3|{again}|36=5|123=Y", ours="B"), NOW)
    assert (oracle.delivered, oracle.next_in) == ([b"x", b"z"], 6)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("35=1|34=2|112=T", ""),
        ("35=1|34=2|112=T", "35=0|34=2|112=U"),
        ("35=1|34=2|112=T", "35=0|34=3|112=T"),
        ("35=0|34=2", "35=0|34=2"),
        ("35=0|34=3", "35=2|34=2|7=3|16=0"),
        ("35=0|34=3", "35=2|34=2|7=2|16=2"),
        ("35=5|34=2", ""),
        ("35=2|34=2|7=1|16=0", "35=4|34=1|43=Y|122=20260302-09:00:00.000|36=3|123=Y"),
        ("35=0|34=2", "35=4|34=1|43=Y|122=20260302-09:00:00.000|36=2|123=Y"),
    ],
)
def test_what_it_does_not_take(read: str, written: str):
    oracle = active()
    oracle.received(sent(read, ours="B"), NOW)
    with pytest.raises(DisobedienceError):
        oracle.wrote(sent(written) if written else b"", NOW)


def test_a_resend_has_its_original_content_and_instant():
    def answered(text: str, original: str) -> Oracle:
        oracle = active()
        assert oracle.asked(b"x", NOW) == 2
        oracle.wrote(sent("35=H|34=2|11=x"), NOW)
        oracle.received(sent("35=2|34=2|7=2|16=0", ours="B"), NOW + SECOND)
        assert not oracle.settled
        later = sent(f"35=H|34=2|43=Y|122={original}|11={text}", now="20260302-09:00:01.000")
        oracle.wrote(later, NOW + SECOND)
        return oracle

    assert answered("x", "20260302-09:00:00.000").settled
    for text, original in (("y", "20260302-09:00:00.000"), ("x", "20260302-09:00:00.500")):
        with pytest.raises(DisobedienceError):
            answered(text, original)


def test_a_heartbeat_that_is_late():
    oracle = active()
    oracle.on_time(NOW + 10 * SECOND)
    with pytest.raises(DisobedienceError):
        oracle.on_time(NOW + 10 * SECOND + 1)
    oracle.woke(NOW + 10 * SECOND)
    oracle.wrote(sent("35=0|34=2", now="20260302-09:00:10.000"), NOW + 10 * SECOND)
    with pytest.raises(DisobedienceError):
        oracle.on_time(NOW + 12 * SECOND + 1)


def test_a_stale_message_is_rejected_and_ends_the_session():
    oracle = active()
    oracle.received(sent("35=H|34=2|11=x", now="20260302-08:57:00.000", ours="B"), NOW)
    oracle.wrote(sent("35=3|34=2|45=2") + sent("35=5|34=3"), NOW)
    assert (oracle.rejected, oracle.delivered, oracle.phase) == ({b"x"}, [], "logout")

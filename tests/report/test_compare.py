from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.net.flow import Flow
from fixgate.net.sides import Side
from fixgate.report.compare import Pair, compare_text, pair_up
from fixgate.session.settings import SessionId

OURS = SessionId("FIX.4.4", "CLIENT", "VENUE")
THEIRS = SessionId("FIX.4.4", "VENUE", "CLIENT")


def side(session_id: SessionId | None = OURS, **values) -> Side:
    return Side(Path("x"), str(session_id), session_id, **values)


def flow(numbers: dict[int, int], end: int, **values) -> Flow:
    return Flow(marks=dict(numbers), end=end, **values)


def pair(our_out=5, our_in=9, their_out=9, their_in=5, received=None, **values) -> Pair:
    """We have sent 1 and 4, they 6 and 7; their store keeps nothing of what it received."""
    ours = side(
        next_out=our_out, next_in=our_in, sent=flow({1: 1, 4: 4}, our_out, whole=True),
        received=flow(received or {6: 6, 7: 7}, our_in, whole=True), **values,
    )  # fmt: skip
    theirs = side(
        THEIRS, next_out=their_out, next_in=their_in, sent=flow({6: 6, 7: 7}, their_out, whole=True)
    )
    return Pair.of(ours, theirs)


def logged(their_log: Flow, **values) -> Pair:
    """The same, with a log of what they received."""
    found = pair(**values)
    found.theirs.received = their_log
    return Pair.of(found.ours, found.theirs)


def log(numbers: dict[int, int], first: int, end: int) -> Flow:
    return flow(numbers, end, _begin=first)


def test_in_sync():
    found = pair()
    assert found.in_sync
    assert compare_text(found) == (
        "in sync FIX.4.4:CLIENT->VENUE\n"
        "  ours to theirs: our next is 5, they expect 5\n"
        "    messages: none compared, for nothing that was received is kept at that end\n"
        "  theirs to ours: their next is 9, we expect 9\n"
        "    messages: 2 at both ends, all the same\n"
    )


def text_of(found: Pair) -> str:
    """The lines in one, as they were before they were wrapped."""
    return " ".join(line.strip() for line in compare_text(found).splitlines())


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        (
            {"their_in": 3},
            "ours to theirs: our next is 5, they expect 3. Our next Logon is too high: they ask "
            "for 3 to 4 again, of which we have 1; the rest is filled as a gap. It heals by itself",
        ),
        (
            {"their_in": 8},
            "ours to theirs: our next is 5, they expect 8. Our next Logon is too low: they log "
            "us out. It does not heal: after agreeing with them, 'fixgate store set-seqnum "
            "--next-out 8' here, or they expect 5",
        ),
        (
            {"our_in": 8},
            "theirs to ours: their next is 9, we expect 8. Their next Logon is too high: we ask "
            "for 8 again, of which they have 0; the rest they fill as a gap. It heals by itself",
        ),
        (
            {"our_in": 20},
            "theirs to ours: their next is 9, we expect 20. Their next Logon is too low: we log "
            "them out. It does not heal: after agreeing with them, 'fixgate store set-seqnum "
            "--next-in 9' here, or they go on at 20",
        ),
    ],
)
def test_what_the_next_logon_does(numbers, line):
    found = pair(**numbers)
    assert not found.in_sync
    lines = compare_text(found).splitlines()
    assert lines[0] == "NOT in sync FIX.4.4:CLIENT->VENUE"
    assert line in text_of(found)
    assert lines[-1].startswith("  a Logon with ResetSeqNumFlag(141)=Y")
    assert max(map(len, lines)) <= 80


def test_numbers_that_nobody_knows_are_not_in_sync():
    found = pair(their_out=None, their_in=None)
    assert not found.in_sync
    assert "ours to theirs: our next is 5, they expect unknown" in text_of(found)
    assert "theirs to ours: their next is unknown, we expect 9" in text_of(found)


def test_messages_that_differ_are_not_in_sync():
    found = logged(log({4: 40}, 4, 5), received={6: 6, 7: 70})
    assert not found.in_sync
    text = compare_text(found)
    assert "    messages: 1 at both ends, 1 differ: MsgSeqNum(34) 4; their log has 4\n" in text
    assert "    messages: 2 at both ends, 1 differ: MsgSeqNum(34) 7\n" in text


def test_what_was_lost_is_named():
    found = logged(log({1: 1, 5: 5}, 1, 6), our_out=6, their_in=6)
    assert found.numbers_agree
    assert not found.in_sync
    text = text_of(found)
    assert "messages: 1 at both ends, all the same; their log has 1 to 5" in text
    assert "lost: 4, sent by us and nowhere in their log" in text
    assert "of unknown origin: 5, in their log and not sent by us" in text
    assert "ResetSeqNumFlag" not in text


def test_what_was_passed_over_is_named():
    received = log({1: 1}, 1, 5)
    received.passed.add(2, 5)
    found = logged(received)
    assert found.in_sync
    text = text_of(found)
    assert "passed over in their log: 4, of the application among them: 4" in text
    found.ours.sent.admin[4] = b"0"
    assert "passed over in their log: 4 theirs to ours" in text_of(
        Pair.of(found.ours, found.theirs)
    )


def test_what_came_twice_or_garbled_is_named():
    received = log({1: 1, 4: 4}, 1, 5)
    received.twice.add(4)
    received.garbled.add(2)
    text = text_of(logged(received))
    assert "sent twice, without PossDupFlag(43)=Y: 4" in text
    assert "garbled and not compared: 2" in text


def test_numbers_of_a_log_are_said_to_be():
    found = pair()
    found.theirs.derived = True
    assert "  their numbers are derived from their log, for want of a store\n" in compare_text(
        found
    )


def test_of_many_numbers_some_are_named():
    found = logged(log({}, 1, 2000), our_out=2000, their_in=2000)
    found.ours.sent.marks = {number: 0 for number in range(1, 2000) if number % 100}
    text = text_of(Pair.of(found.ours, found.theirs))
    assert "lost: 1 to 99, 101 to 199, " in text
    assert "901 to 999 and 990 more, sent by us" in text


def test_damage_is_not_in_sync():
    found = pair(damage=["a\x1bb"])
    assert not found.in_sync
    assert "  DAMAGED ours: a\\x1bb\n" in compare_text(found)


def test_sessions_are_paired_by_their_ids_reversed():
    other = SessionId("FIX.4.2", "CLIENT", "OTHER")
    ours = [side(), side(other), side(None)]
    theirs = [side(SessionId("FIX.4.4", "VENUE", "SOMEBODY")), side(THEIRS)]
    pairs, alone = pair_up(ours, theirs)
    assert pairs == (Pair.of(ours[0], theirs[1]),)
    assert alone == (
        "FIX.4.2:CLIENT->OTHER: the other store has no FIX.4.2:OTHER->CLIENT",
        "None: nothing says whose store it is",
        "FIX.4.4:VENUE->SOMEBODY: only in the other store",
    )


def test_the_same_side_twice_is_told():
    assert pair_up([side()], [side()]) == (
        (),
        (
            "FIX.4.4:CLIENT->VENUE: the other store has no FIX.4.4:VENUE->CLIENT; the other store "
            "is of the same side, not of the counterparty",
            "FIX.4.4:CLIENT->VENUE: only in the other store",
        ),
    )

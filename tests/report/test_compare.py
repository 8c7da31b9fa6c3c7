from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.net.sides import Side
from fixgate.report.compare import Pair, compare_text, pair_up
from fixgate.session.settings import SessionId

OURS = SessionId("FIX.4.4", "CLIENT", "VENUE")
THEIRS = SessionId("FIX.4.4", "VENUE", "CLIENT")


def side(session_id: SessionId | None = OURS, **values) -> Side:
    return Side(Path("x"), str(session_id), session_id, **values)


def pair(our_out=5, our_in=9, their_out=9, their_in=5, **values) -> Pair:
    return Pair(
        side(next_out=our_out, next_in=our_in, sent={1: 1, 4: 4}, **values),
        side(THEIRS, next_out=their_out, next_in=their_in, sent={6: 6, 7: 7}),
    )


def test_in_sync():
    found = pair(received={6: 6})
    assert found.in_sync
    assert compare_text(found) == (
        "in sync FIX.4.4:CLIENT->VENUE\n"
        "  ours to theirs: our next is 5, they expect 5\n"
        "  theirs to ours: their next is 9, we expect 9\n"
        "  messages: 1 in both, all the same\n"
    )


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        (
            {"their_in": 3},
            "  ours to theirs: our next is 5, they expect 3. Our next Logon is too high: they ask "
            "for 3 to 4 again, of which we have 1; the rest is filled as a gap. It heals by itself",
        ),
        (
            {"their_in": 8},
            "  ours to theirs: our next is 5, they expect 8. Our next Logon is too low: they log "
            "us out. It does not heal: after agreeing with them, 'fixgate store set-seqnum "
            "--next-out 8' here, or they expect 5",
        ),
        (
            {"our_in": 8},
            "  theirs to ours: their next is 9, we expect 8. Their next Logon is too high: we ask "
            "for 8 again, of which they have 0; the rest they fill as a gap. It heals by itself",
        ),
        (
            {"our_in": 20},
            "  theirs to ours: their next is 9, we expect 20. Their next Logon is too low: we log "
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
    assert line in lines
    assert lines[-1].startswith("  a Logon with ResetSeqNumFlag(141)=Y")


def test_messages_that_differ_are_not_in_sync():
    found = pair(received={6: 6, 7: 70})
    found.theirs.received = {4: 40}
    assert not found.in_sync
    assert "messages: 3 in both, 2 differ: MsgSeqNum(34) of theirs 7, ours 4" in compare_text(found)


def test_of_many_that_differ_some_are_named():
    found = pair(received=dict.fromkeys(range(1, 21), 0))
    found.theirs.sent = dict.fromkeys(range(1, 21), 1)
    assert "20 differ: MsgSeqNum(34) of theirs 1, " in compare_text(found)
    assert compare_text(found).count("theirs 1") == 2
    assert " and 10 more" in compare_text(found)


def test_damage_is_not_in_sync():
    found = pair(damage=["a\x1bb"])
    assert not found.in_sync
    assert "  DAMAGED ours: a\\x1bb\n" in compare_text(found)


def test_sessions_are_paired_by_their_ids_reversed():
    other = SessionId("FIX.4.2", "CLIENT", "OTHER")
    ours = [side(), side(other), side(None)]
    theirs = [side(SessionId("FIX.4.4", "VENUE", "SOMEBODY")), side(THEIRS)]
    pairs, alone = pair_up(ours, theirs)
    assert pairs == (Pair(ours[0], theirs[1]),)
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

"""Planted habits of a venue, each named right: by its cause, and with its figures.

A row is a habit, how the line is cut, the causes that must be found, all of them, and what their
sentences must say. An empty cause is a session that came back whole.
"""

from __future__ import annotations

import pytest

from fixgate.health.model import Phase, Status
from fixgate.health.persistence.plan import Cut
from tests.health.persistence.venue import Habits, checked, plan

LOGOUT, FIN, RST, SILENCE = Cut.LOGOUT, Cut.FIN, Cut.RST, Cut.SILENCE
BACK = {
    LOGOUT: Phase.BACK_AFTER_LOGOUT,
    FIN: Phase.BACK_AFTER_FIN,
    RST: Phase.BACK_AFTER_RST,
    SILENCE: Phase.BACK_AFTER_SILENCE,
}
REST = {"orders": True}
NONE: dict[str, object] = {}

# In every row with orders our numbers until the cut are 1 Logon, 2 to 4 TestRequests of level
# session, 5 and 6 the test order and its cancel, 7 to 9 TestRequests, 10 an order that rests and,
# but for the Logout, 11 another one; the venue's are the answers, its report of 11 is missed.
TABLE = {
    # The session continues.
    "continues after logout": (Habits(), LOGOUT, REST, "", ""),
    "continues after fin": (Habits(), FIN, REST, "", ""),
    "continues after rst": (Habits(), RST, REST, "", ""),
    "continues after silence": (Habits(), SILENCE, REST, "", ""),
    "continues without orders": (Habits(), RST, NONE, "", ""),
    "gives up a silent client": (Habits(gives_up_s=40), SILENCE, REST, "", ""),
    "gives up, no orders": (Habits(gives_up_s=40), SILENCE, NONE, "", ""),
    "asks for what we withheld": (Habits(), RST, {"withhold": 2}, "", ""),
    "says what it expects, 789": (Habits(expects=True), RST, {"withhold": 2}, "", ""),
    "both say what they expect": (Habits(expects=True), RST, {"orders": True, "expects": True},
                                  "", ""),
    "cancels, as it should": (Habits(cancels=True), RST,
                              {"orders": True, "cancel_on_disconnect": True}, "", ""),
    "cancels, not known": (Habits(cancels=True), FIN, REST, "", ""),
    "cancels after logout": (Habits(cancels=True), LOGOUT,
                             {"orders": True, "cancel_on_disconnect": True}, "", ""),
    "keeps, as it should": (Habits(), RST, {"orders": True, "cancel_on_disconnect": False}, "", ""),
    "knows no status request": (Habits(no_status=True), RST, REST, "", ""),
    "cancels under old ids": (Habits(old_ids=True), RST,
                              {"orders": True, "cancel_on_disconnect": False}, "", ""),
    "cancels under old ids, no status": (Habits(old_ids=True, no_status=True), RST, REST, "", ""),
    "repeats a report as status": (Habits(status_is_new=True), RST, REST, "", ""),
    # It restarts.
    "resets both, with the flag": (Habits(resets="flag"), RST, REST, "numbers-reset",
                                   "ResetSeqNumFlag(141)=Y, which we did not ask for"),
    "resets both": (Habits(resets="both"), LOGOUT, NONE, "numbers-reset",
                    "has MsgSeqNum(34) 1, expected 11 or above"),
    "resets its own": (Habits(resets="out"), RST, REST, "numbers-reset",
                       "has MsgSeqNum(34) 1, expected 12 or above"),
    "resets its own, after logout": (Habits(resets="out"), LOGOUT, NONE, "numbers-reset",
                                     "it has used numbers up to 10"),
    "resets its count of ours": (Habits(resets="in"), RST, NONE, "numbers-reset",
                                 "expects our MsgSeqNum(34) 1 again, expected 10 or above"),
    "resets its count of ours, 789": (Habits(resets="in", expects=True), RST, NONE,
                                      "numbers-reset", "expects our MsgSeqNum(34) 1 again"),
    # It goes back.
    "own numbers back by 1": (Habits(out_by=-1), LOGOUT, NONE, "numbers-rolled-back",
                              "has MsgSeqNum(34) 10, expected 11 or above: it has used numbers up "
                              "to 10, and went back by 1"),
    "own numbers back by 5": (Habits(out_by=-5), RST, NONE, "numbers-rolled-back",
                              "has MsgSeqNum(34) 5, expected 10 or above"),
    "own numbers back, into what we missed": (Habits(out_by=-1), RST, REST,
                                              "numbers-rolled-back", "went back by 1"),
    "count of ours back by 1": (Habits(in_by=-1), LOGOUT, NONE, "numbers-rolled-back",
                                "expects our MsgSeqNum(34) 10 again, expected 11 or above"),
    "count of ours back by 5": (Habits(in_by=-5), RST, NONE, "numbers-rolled-back",
                                "its count went back by 5"),
    "count of ours back by 5, 789": (Habits(in_by=-5, expects=True), RST, NONE,
                                     "numbers-rolled-back", "its count went back by 5"),
    # It is ahead.
    "own numbers ahead by 3": (Habits(out_by=3), LOGOUT, NONE, "numbers-ahead",
                               "has MsgSeqNum(34) 14, expected about 11: 3 numbers of 11 to 13"),
    "own numbers ahead by 40, rst": (Habits(out_by=40), RST, REST, "numbers-ahead",
                                     "no message accounts for"),
    "expects 2 more of ours": (Habits(in_by=2), LOGOUT, NONE, "numbers-ahead",
                               "expects our MsgSeqNum(34) 13 and received 11: 2 ahead"),
    "expects 5 more of ours": (Habits(in_by=5), RST, NONE, "numbers-ahead",
                               "expects our MsgSeqNum(34) 15 and received 10: 5 ahead"),
    # It loses messages.
    "ignores our ResendRequest": (Habits(replay="ignore"), RST, REST, "messages-lost",
                                  "messages 11 were sent while we were away and have not come "
                                  "again: our ResendRequest(2) was not answered"),
    "rejects our ResendRequest": (Habits(replay="reject"), RST, REST, "messages-lost",
                                  'a Reject(3): "no resends here"'),
    "skips with a SequenceReset": (Habits(replay="reset"), RST, REST, "messages-lost",
                                   "without GapFillFlag(123)=Y skipped them, NewSeqNo(36) 1"),
    "resends the half": (Habits(replay="half", cancels=True), RST, REST, "messages-lost",
                         "only 1 of 3 came"),
    "never numbers a report": (Habits(unstored=True), RST, REST, "messages-lost",
                               "acknowledgement of the order"),
    "fills over reports": (Habits(replay="gapfill"), RST, REST, "application-gap-filled",
                           "passed over its application messages 11 with a GapFill"),
    "fills over cancels": (Habits(replay="gapfill", cancels=True), LOGOUT, REST,
                           "application-gap-filled", "its report that it cancelled"),
    "ends the session while it resends": (Habits(replay="end"), RST, REST, "persistence-untold",
                                          "11 had come again"),
    # It delivers twice, or wrongly.
    "delivers reports again": (Habits(reports_again=2), RST, REST, "messages-duplicated",
                               "again under"),
    "resends under new numbers": (Habits(replay="new_numbers_too"), RST, REST,
                                  "messages-duplicated", "came under MsgSeqNum(34) 11 and again"),
    "sends an old message": (Habits(sends_old="same"), RST, REST, "messages-duplicated",
                             "which we had taken, without PossDupFlag(43)=Y"),
    "uses a number again": (Habits(sends_old="other"), RST, REST, "number-reused",
                            "first for MsgType(35) 8, ExecID(17) E1, then for MsgType(35) B"),
    "resends all twice": (Habits(replay="twice"), RST, REST, "replayed-twice", "messages 11"),
    "resends from the beginning": (Habits(replay="all"), RST, REST, "replayed-twice",
                                   "had come already"),
    "does not mark what it resends": (Habits(replay="unmarked"), RST, REST, "possdup-missing",
                                      "messages 11 again without PossDupFlag(43)=Y"),
    "marks it with N": (Habits(replay="unmarked_n"), FIN, REST, "possdup-missing", "messages 11"),
    "leaves out 122": (Habits(replay="no_orig"), RST, REST, "orig-sending-time-missing",
                       "messages 11 again without OrigSendingTime(122)"),
    "122 is later than 52": (Habits(replay="late_orig"), RST, REST, "orig-sending-time-late",
                             "OrigSendingTime(122) 20260302-23:00:00.000, expected not later"),
    "resends something else": (Habits(replay="changed"), RST, REST, "replay-wrong",
                               "MsgSeqNum(34) 11 again with another content"),
    "resends with wrong numbers": (Habits(replay="shifted"), RST, REST,
                                   "application-gap-filled replay-wrong",
                                   "under MsgSeqNum(34) 111, which it had never used"),
    # It does not let us in.
    "refuses the second Logon": (Habits(answers="not today"), RST, REST, "return-refused",
                                 'answered with a Logout: "not today"'),
    "takes us for logged on": (Habits(answers="session already logged on"), RST, NONE,
                               "return-refused", "already logged on"),
    "closes after the Logon": (Habits(answers="close"), RST, NONE, "return-refused",
                               "the venue closed the connection without a word"),
    "demands a reset": (Habits(answers="ResetSeqNumFlag must be Y"), RST, NONE, "reset-demanded",
                        "expected to go on with MsgSeqNum(34) 10"),
    "lets us in and throws us out": (Habits(throws_out="MsgSeqNum too low, expecting 14 but "
                                            "received 10"), RST, NONE, "numbers-ahead",
                                     "expects our MsgSeqNum(34) 14 and received 10: 4 ahead"),
    "lets us in and has enough": (Habits(throws_out="end of day"), RST, NONE, "persistence-untold",
                                  'ended the session with the words "end of day"'),
    "falls silent after the Logon": (Habits(mute=True), RST, NONE, "persistence-untold",
                                     "did not answer our TestRequest(1)"),
    # It does not ask.
    "never asks": (Habits(asks="never"), RST, {"withhold": 1}, "resend-not-asked",
                   "missed our MsgSeqNum(34) 10 and has not asked"),
    "refuses instead of asking": (Habits(answers="MsgSeqNum too high, expecting 10 but received "
                                         "11"), RST, {"withhold": 1}, "resend-not-asked",
                                  "expected a ResendRequest(2)"),
    "asks for too much": (Habits(asks="4"), RST, {"withhold": 1}, "numbers-rolled-back",
                          "went back by"),
    # Its orders.
    "cancels, and should not": (Habits(cancels=True), RST,
                                {"orders": True, "cancel_on_disconnect": False},
                                "orders-cancelled", "expected it to stay in the book"),
    "keeps, and should not": (Habits(), RST, {"orders": True, "cancel_on_disconnect": True},
                              "orders-kept", "is still in the book"),
    "cancels without a word": (Habits(cancels_silently=True), RST, REST, "messages-lost",
                               "its report that it cancelled"),
    "loses the orders": (Habits(forgets=True), LOGOUT, REST, "order-lost",
                         "it acknowledged the order before"),
    "loses the last order": (Habits(drops=True), RST, REST, "order-lost",
                             "it has taken our MsgSeqNum(34) 11"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_each_is_named(name):
    habits, cut, how, causes, words = TABLE[name]
    report, venue = checked(plan(cut, **how), habits)
    found = [f for f in report.findings if f.phase is BACK[cut]]
    told = "\n".join(f"{f.cause}: {f.summary}" for f in report.findings)
    assert set(causes.split()) == {f.cause for f in found} - {"cancel-unconfirmed"}, told
    elsewhere = {f.cause for f in report.findings if f.phase is not BACK[cut]}
    assert elsewhere == ({"logout-unanswered"} if habits.mute else set())
    assert words in told
    assert all(f.evidence and f.next_step for f in found)
    whole = report.status is Status.PASS
    assert whole == (causes == ""), told
    facts = dict(next(p for p in report.phases if p.phase is BACK[cut]).facts)
    assert (facts["verdict"] == "continued") == whole
    if whole:
        assert all(o.status == "4" for o in venue.orders.values()), "an order was left behind"


def test_there_are_enough():
    assert len(TABLE) >= 30
    assert len({row[0] for row in TABLE.values()}) >= 30


@pytest.mark.parametrize(
    ("habits", "cause"),
    [
        (Habits(mute=True), "persistence-untold"),
        (Habits(answers="not today"), "return-refused"),
        (Habits(answers="silent"), "return-refused"),
        (Habits(replay="end"), "persistence-untold"),
        (Habits(out_by=-3), "numbers-rolled-back"),
    ],
)
def test_an_order_that_may_be_in_the_book_comes_first(habits, cause):
    """Whoever cannot get back cannot cancel: the desk has to know."""
    report, venue = checked(plan(RST, LOGOUT, orders=True), habits)
    first, second = report.findings[:2]
    assert [first.cause, second.cause] == ["cancel-unconfirmed", cause]
    resting = [cl_ord_id for cl_ord_id, order in venue.orders.items() if order.status == "0"]
    assert len(resting) == 2
    assert " and ".join(resting) in first.summary
    assert [f.cause for f in report.findings[2:]] in ([], ["logout-unanswered"])
    assert report.status is Status.FAIL


def test_a_line_that_does_not_answer_is_not_cut():
    report, _ = checked(plan(RST, LOGOUT), Habits(beats=4))
    (finding,) = report.findings
    assert (finding.cause, finding.phase) == ("test-request-unanswered", BACK[RST])
    assert "before the cut" in finding.summary
    assert not any("the line is cut" in e.text for e in report.transcript)
    assert [p.status for p in report.phases][-3:] == [Status.FAIL, Status.SKIPPED, Status.PASS]


def test_an_order_that_is_not_acknowledged_is_cancelled_before_we_leave():
    report, venue = checked(plan(RST, orders=True), Habits(takes=1))
    assert [f.cause for f in report.findings] == ["order-unacknowledged"]
    assert "nothing was cut" in report.findings[0].summary
    assert {order.status for order in venue.orders.values()} == {"4"}
    assert venue.logons == 1

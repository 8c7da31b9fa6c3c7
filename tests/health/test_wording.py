from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.health.wording import (
    Direction,
    Refusal,
    foreign_protocol,
    refusal_in,
    sequence_complaint,
)


@pytest.mark.parametrize(
    "text",
    [
        "MsgSeqNum too low, expecting 812 but received 1",
        "MsgSeqNum(34) too low: received 1, expected 812",
        "MsgSeqNum too low, expecting: 812, received: 1",
        "Sequence number received (1) is lower than expected (812)",
        "Sequence number received lower than expected. Expected 812 but received 1",
        "Incoming sequence number 1 is less than expected 812",
        "Incoming message sequence number (1) is lower than expected (812)",
        "Invalid MsgSeqNum: expected [812], received [1]",
        "Msg Seq No too low. Expected seq no: 812; actual: 1",
        "Logon seqnum 1 less than 812",
        "Received tag 34=1 but expected 812: sequence number too low",
        "Wrong sequence number. Got 1, should be 812",
        "expected sequence number: 812 received sequence number: 1",
        "MsgSeqNum 1 lower than expected 812",
    ],
)
def test_too_low_in_the_words_of_many_engines(text):
    complaint = sequence_complaint(text)
    assert complaint is not None
    assert complaint.direction is Direction.TOO_LOW
    assert (complaint.expected, complaint.received) == (812, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sequence number too low", None),
        ("MsgSeqNum too low, expecting 812", 812),
        ("Logon sequence number lower than expected", None),
    ],
)
def test_too_low_with_fewer_numbers(text, expected):
    complaint = sequence_complaint(text)
    assert complaint is not None
    assert complaint.direction is Direction.TOO_LOW
    assert complaint.expected == expected


def test_too_high():
    complaint = sequence_complaint("MsgSeqNum too high, expecting 3 but received 9")
    assert complaint is not None
    assert complaint.direction is Direction.TOO_HIGH
    assert (complaint.expected, complaint.received) == (3, 9)


@pytest.mark.parametrize(
    "text",
    [
        "NextExpectedMsgSeqNum too high, expecting 1 but received 1200",
        "",
        "Invalid password",
        "Session is closed",
        "Account 812 expected to be active",
        "Goodbye 1",
    ],
)
def test_other_texts_say_nothing_about_numbers(text):
    assert sequence_complaint(text) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises(text):
    sequence_complaint(text)


def test_hostile_text_is_read_quickly():
    sequence_complaint("sequence expected " * 5_000)
    sequence_complaint("seqnum " + "1" * 50_000)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_raise(data):
    foreign_protocol(data)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Account locked", Refusal.LOCKED),
        ("User XYZ is locked out", Refusal.LOCKED),
        ("Login failed: account disabled", Refusal.LOCKED),
        ("Session suspended by operations", Refusal.LOCKED),
        ("Too many failed logon attempts", Refusal.LOCKED),
        ("Invalid password, account has been locked", Refusal.LOCKED),
        ("Password expired", Refusal.EXPIRED),
        ("Your password has expired, change your password", Refusal.EXPIRED),
        ("Already logged on", Refusal.DUPLICATE),
        ("Session already connected from 10.0.0.1", Refusal.DUPLICATE),
        ("Duplicate logon", Refusal.DUPLICATE),
        ("User already logged in with this username", Refusal.DUPLICATE),
        ("Multiple logons are not supported", Refusal.DUPLICATE),
        ("session is in use", Refusal.DUPLICATE),
        ("the session is closed; it opens Mon 2026-03-02 08:00 UTC", Refusal.HOURS),
        ("Logons are not allowed at this time", Refusal.HOURS),
        ("Logon outside of session hours", Refusal.HOURS),
        ("Out of session time", Refusal.HOURS),
        ("Market is closed", Refusal.HOURS),
        ("Session not open", Refusal.HOURS),
        ("end of session; it opens again Tue 2026-03-03 08:00 UTC", Refusal.HOURS),
        ("End of Day", Refusal.HOURS),
        ("Username(553) or Password(554) not accepted", Refusal.CREDENTIALS),
        ("Invalid credentials", Refusal.CREDENTIALS),
        ("Authentication failed", Refusal.CREDENTIALS),
        ("Not authorised", Refusal.CREDENTIALS),
        ("Invalid Logon", Refusal.CREDENTIALS),
        ("Unknown user", Refusal.CREDENTIALS),
        ("Login denied", Refusal.CREDENTIALS),
        ("Invalid signature", Refusal.CREDENTIALS),
        ("Authentication service unavailable, try again later", None),
        ("Authentication timed out", None),
        ("Gateway busy", None),
        ("MsgSeqNum too low, expecting 812 but received 1", None),
        ("HeartBtInt(108): received 5 s, expected 10 to 60 s", None),
        ("sequence numbers restart at 1 now; log on again", None),
        ("the venue is closing", None),
        ("Logon received on unknown session", None),
        ("", None),
    ],
)
def test_what_a_venue_has_against_us(text, refusal):
    assert refusal_in(text) is refusal
    assert refusal_in(text.upper()) is refusal


@given(st.text())
def test_any_text_may_refuse_us(text):
    assert refusal_in(text) in (None, *Refusal)


@pytest.mark.parametrize(
    "word", ["expect", "expected ", "received ", "but", "a", "9", "seq", "tag "]
)
def test_a_text_that_goes_on_and_on_is_read_at_once(word):
    """60 KiB of "expectexpect..." took a minute and a half: nobody waits for a test so long."""
    for text in ("seq " + word * (60_000 // len(word)), word * (60_000 // len(word)) + " seq"):
        sequence_complaint(text)

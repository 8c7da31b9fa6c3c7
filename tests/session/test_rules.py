import pytest

from fixgate.session.rules import ENFORCE, OBSERVE, Rule, too_low_numbers, too_low_text


def test_wording_is_the_one_that_engines_look_for():
    assert too_low_text(812, 1) == "MsgSeqNum too low, expecting 812 but received 1"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("MsgSeqNum too low, expecting 812 but received 1", (812, 1)),
        ("MsgSeqNum(34) too low: received 1, expected 812", (812, 1)),
        ("Sequence number too low. Expected: 812, Received: 1", (812, 1)),
        ("Received MsgSeqNum 1, expected MsgSeqNum 812", (812, 1)),
        ("MsgSeqNum too low: expected 812, got 1", (812, 1)),
        ("Invalid sequence number: 34=1, expected=812", (812, None)),
        ("Lower than expected sequence number, expecting 812", (812, None)),
        ("incorrect password", (None, None)),
        ("account 1234 expected in 5 minutes", (None, None)),
        ("", (None, None)),
    ],
)
def test_numbers_are_read_out_of_what_venues_say(text: str, numbers: tuple[int | None, int | None]):
    assert too_low_numbers(text) == numbers


@pytest.mark.parametrize("word", ["expect", "expected ", "received ", "but", "a", "9", "seq"])
def test_a_text_that_goes_on_and_on_is_read_at_once(word: str):
    """60 KiB of "expectexpect..." took a minute and a half: nobody waits for a test so long."""
    for text in ("seq " + word * (60_000 // len(word)), word * (60_000 // len(word)) + " seq"):
        too_low_numbers(text)
    said = "MsgSeqNum too low, expecting 812 but received 1 "
    assert too_low_numbers(said + word * (60_000 // len(word))) == (812, 1)


def test_both_policies_know_every_rule():
    assert set(ENFORCE) == set(OBSERVE) == set(Rule)

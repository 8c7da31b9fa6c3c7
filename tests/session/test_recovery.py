import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.session.recovery import HELD_BYTES, HELD_MESSAGES, Recovery
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fuzz.memory import held_bytes
from tests.fixtext import fix


def message(size: int = 10) -> Message:
    return Message(b"x" * size, (8, 9, 35), (b"FIX.4.4", b"5", b"0"))


def test_asks_once_for_one_gap():
    recovery = Recovery()
    assert recovery.too_high(5, message(), 2)
    assert not recovery.too_high(6, message(), 2)
    assert recovery.open
    assert (recovery.begin, recovery.end) == (2, 4)


def test_closes_when_everything_has_come():
    recovery = Recovery()
    recovery.too_high(5, message(), 2)
    assert recovery.closed_by(4) is None
    assert recovery.closed_by(5) == (2, 4)
    assert not recovery.open
    assert recovery.due(5) is not None
    assert recovery.due(5) is None


def test_a_gap_fill_may_pass_over_what_was_held():
    recovery = Recovery()
    for number in (5, 6, 9):
        recovery.too_high(number, message(), 2)
    assert recovery.closed_by(8) == (2, 4)
    assert recovery.due(5) is None
    lowest = recovery.next_gap(8)
    assert lowest is not None
    assert lowest[0] == 9
    assert recovery.next_gap(9) is None


def test_what_is_held_has_an_end():
    recovery = Recovery()
    for number in range(5, 5 + 3 * HELD_MESSAGES):
        recovery.too_high(number, message(), 2)
    recovery.closed_by(5)
    held = sum(recovery.due(n) is not None for n in range(5, 5 + 3 * HELD_MESSAGES))
    assert held == HELD_MESSAGES


def test_what_is_held_has_an_end_in_bytes():
    recovery = Recovery()
    for number in range(5, 205):
        recovery.too_high(number, message(60_000), 2)
    recovery.closed_by(5)
    held = sum(recovery.due(n) is not None for n in range(5, 205))
    assert held * 60_000 <= 4 * 1024 * 1024


@pytest.mark.parametrize("fields", [1, 10, 400, 2000])
def test_what_is_held_has_an_end_in_memory(fields: int):
    """Of short fields, memory takes a dozen times what a message is long."""
    recovery = Recovery()
    body = "|".join(f"{tag}={tag}" for tag in range(5000, 5000 + fields))
    for number in range(5, 5 + HELD_MESSAGES):
        held = decode(fix(f"35=0|34={number}|{body}"))
        assert isinstance(held, Message)
        recovery.too_high(number, held, 2)
    assert held_bytes(recovery, ()) < 1.25 * HELD_BYTES


def test_clear_forgets():
    recovery = Recovery()
    recovery.too_high(5, message(), 2)
    recovery.clear()
    assert not recovery.open
    assert recovery.due(5) is None
    assert recovery.next_gap(2) is None


@given(st.permutations(list(range(2, 14))))
def test_any_order_of_arrival_is_taken_in_order(arrival: list[int]):
    recovery, expected, taken = Recovery(), 2, []
    for number in arrival:
        if number > expected:
            recovery.too_high(number, message(), expected)
            continue
        taken.append(number)
        expected += 1
        recovery.closed_by(expected)
        while recovery.due(expected) is not None:
            taken.append(expected)
            expected += 1
            recovery.closed_by(expected)
    assert taken == list(range(2, 14))
    assert not recovery.open

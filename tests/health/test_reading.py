"""Sequence numbers as they came, in any order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.health.reading import Numbers, Reading
from tests.health.helpers import Story


def numbers(*bodies: str) -> Numbers:
    story = Story().logon_sent()
    for body in bodies:
        story.rx(body)
    return Numbers(Reading(story.records))


def test_in_order():
    found = numbers("35=A|34=1", "35=0|34=2")
    assert (found.missing, found.gap, found.repeated) == ([], None, [])


def test_ranges_that_are_missing():
    found = numbers("35=A|34=3", "35=0|34=4", "35=0|34=8")
    assert found.missing == [(1, 2), (5, 7)]


def test_sequence_reset_in_reset_mode_ends_the_waiting():
    assert numbers("35=A|34=5", "35=4|34=1|36=9", "35=0|34=9").missing == []


def test_reset_on_logon_starts_at_one():
    assert numbers("35=A|34=1|141=Y", "35=0|34=2").missing == []


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(1, 9)))
def test_any_order_of_all_messages_leaves_nothing_missing(order):
    found = numbers(*(f"35=8|34={n}|43=Y" for n in order))
    assert found.missing == []
    assert found.repeated == []

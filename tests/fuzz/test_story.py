from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.stories import any_story, changed_story
from fuzz.story import Step, Story, readable, unreadable


@given(st.binary(max_size=60))
def test_what_is_readable_reads_back(data):
    text = readable(data)
    assert unreadable(text) == data
    assert text.isascii()
    assert b"\n" not in text


def test_soh_is_a_bar_and_a_bar_is_not():
    assert readable(b"58=a\x01b|c\\\n\x01") == b"58=a|b\\x7cc\\x5c\\x0a|"


def test_a_story_as_people_write_it():
    text = (
        b"# found: nothing\nsession role=acceptor with=observe,places\nrx 35=0|34={n}|\nwait 1.5\n"
    )
    story = Story.parse(text)
    assert story.options == {"role": "acceptor", "with": "observe,places"}
    assert story.steps == [Step("rx", b"35=0\x0134={n}\x01"), Step("wait", number=1.5)]
    assert story.text() == text.split(b"\n", 1)[1]


@pytest.mark.parametrize(
    "line", [b"rx", b"fly away", b"wait for it", b"wait nan", b"again 1e9", b"drop it", b"\xff\x00"]
)
def test_what_is_no_step_is_input(line):
    (step,) = Story.parse(line).steps
    assert step == Step("raw", line) or step.verb == "rx"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_story_that_reads_back(data):
    story = Story.parse(data)
    assert Story.parse(story.text()) == story


@pytest.mark.parametrize("seed", range(5))
def test_stories_that_are_made_and_changed_read_back(seed):
    text = any_story(random.Random(seed))
    for again in range(20):
        assert Story.parse(text).text() == text
        text = changed_story(random.Random(again), text)

from __future__ import annotations

import json

import pytest
from hypothesis import given

from fixgate.errors import ArchiveError
from fixgate.triage import Mark, Sample, read_samples, sample_line
from tests.triage.made import HEARTBEAT, START_NS, US, made, stall
from tests.triage.test_properties import samples

BARE = '{"kind":"TestRequest to Heartbeat","name":"T1","app_sent_ns":5,"app_received_ns":9}'


@given(samples)
def test_there_and_back(sample: Sample):
    assert list(read_samples([sample_line(sample)], "kept")) == [sample]


def test_a_line_by_hand():
    (read,) = read_samples([BARE], "kept")
    assert read == Sample(HEARTBEAT, "T1", 5, 9)


def test_what_a_line_looks_like():
    sample = made(marks=frozenset({Mark.STALLED}), stalls=(stall(1, 2),), name="T1")
    line = sample_line(sample)
    assert "\n" not in line
    told = json.loads(line)
    assert told["kind"] == "TestRequest to Heartbeat"
    assert told["app_sent_ns"] == START_NS
    assert told["marks"] == ["stalled"]
    assert told["stalls"] == [["scheduling", START_NS + US, START_NS + 2 * US]]
    assert "venue" not in told


def test_empty_lines_are_skipped():
    assert len(list(read_samples(["", BARE, "\n", BARE], "kept"))) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "kept.jsonl:2: column 2: Expecting property name"),
        ("[]", "kept.jsonl:2: no sample: a sample is a JSON object, received list"),
        (BARE.replace("Heartbeat", "Lunch"), "'TestRequest to Lunch' is not a valid Exchange"),
        (BARE.replace("5", '"5"'), "app_sent_ns is a whole number, received '5'"),
        (BARE.replace("5", "5.5"), "app_sent_ns is a whole number, received 5.5"),
        (BARE.replace("5", "true"), "app_sent_ns is a whole number, received True"),
        (BARE.replace('"app_sent_ns":5,', ""), "app_sent_ns and app_received_ns must be there"),
        (BARE.replace('"name":"T1",', ""), "no sample: 'name'"),
        (BARE.replace("}", ',"marks":"x"}'), "marks is a list, received str"),
        (BARE.replace("}", ',"marks":["x"]}'), "'x' is not a valid Mark"),
        (BARE.replace("}", ',"stalls":[[1]]}'), "a stall is its kind, begin and end, received [1]"),
        (
            BARE.replace("}", ',"stalls":[["scheduling","a",1]]}'),
            "a stall's begin and end are whole numbers",
        ),
        (BARE.replace("}", ',"tcp_after":7}'), "TCP's account is a JSON object, received int"),
        (BARE.replace("}", ',"venue":[]}'), "the venue's account is a JSON object, received list"),
    ],
)
def test_bad_lines_say_where_and_what(line: str, said: str):
    with pytest.raises(ArchiveError) as caught:
        list(read_samples([BARE, line], "kept.jsonl"))
    assert said in str(caught.value)
    assert caught.value.line == 2

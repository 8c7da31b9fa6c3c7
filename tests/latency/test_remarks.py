from __future__ import annotations

from fixgate.latency.remarks import Remarks, counted


def test_the_first_few_of_a_kind_and_how_many_more():
    remarks = Remarks()
    remarks.add("holes", "a hole")
    for number in range(8):
        remarks.add("lines of x", f"line {number}")
    remarks.add("holes", "another hole")
    assert remarks.texts() == (
        "a hole",
        "another hole",
        *(f"line {number}" for number in range(5)),
        "lines of x: 3 more like that",
    )


def test_counts_with_their_nouns():
    told = [counted(count, "packet") for count in range(3)]
    assert told == ["0 packets", "1 packet", "2 packets"]

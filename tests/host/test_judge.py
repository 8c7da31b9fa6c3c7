"""All judgements together."""

from fixgate.host.judge import judge, tally_of
from fixgate.host.judging.topic import Grade, Group
from tests.host.judging.helpers import BEST, QUIET


def test_the_best_machine_has_nothing_to_do():
    lines = judge(BEST, QUIET)
    assert {line.grade for line in lines} == {Grade.GOOD, Grade.NOTED}
    assert not any("None" in line.found for line in lines)
    assert all(not line.how for line in lines)


def test_lines_come_by_group():
    groups = [line.group for line in judge(BEST)]
    assert list(dict.fromkeys(groups)) == list(Group)
    assert groups == sorted(groups, key=list(Group).index)


def test_no_line_comes_twice():
    places = [(line.key, line.subject) for line in judge(BEST, QUIET)]
    assert len(set(places)) == len(places)


def test_advice_is_given_exactly_where_there_is_something_to_do():
    for line in judge(BEST):
        assert bool(line.how) == (line.grade in (Grade.BETTER, Grade.BAD))


def test_lines_are_counted_by_grade():
    lines = judge(BEST)
    counted = tally_of(lines)
    assert sum(counted.values()) == len(lines)
    assert counted[Grade.BAD] == 0

"""Which scenarios are played, in which order, with which seeds."""

from __future__ import annotations

from dataclasses import replace

from fixgate.history import History
from fixgate.scenario.campaign import Campaign, seed_of
from fixgate.scenario.model import Need, Scenario
from fixgate.scenario.runner import Run
from fixgate.scenario.verdict import Result, Verdict
from tests.scenario.build import connect, scenario

STORIES = tuple(replace(scenario(connect()), id=name) for name in "abcdefgh")


def played(campaign: Campaign, fails: str = "") -> list[tuple[str, int, str]]:
    def play(story: Scenario, seed: int) -> Run:
        result = Result.FAIL if story.id == fails else Result.PASS
        return Run(story, seed, "virtual", 0, Verdict(result), History())

    return [(r.scenario.id, r.seed, r.verdict.result.value) for r in campaign.runs(play)]


def test_in_the_order_given_with_the_seed_given():
    assert played(Campaign(STORIES[:2], 7)) == [("a", 7, "PASS"), ("b", 7, "PASS")]


def test_a_scenario_may_have_a_seed_of_its_own_unless_told_otherwise():
    own = (replace(STORIES[0], seed=99),)
    assert played(Campaign(own, 7)) == [("a", 99, "PASS")]
    assert played(Campaign(own, 7, seed_given=True)) == [("a", 7, "PASS")]


def test_rounds_have_seeds_that_repeat_them():
    rounds = played(Campaign(STORIES[:1], 7, repeat=3))
    assert [seed for _, seed, _ in rounds] == [7, seed_of(7, 1), seed_of(7, 2)]
    again = played(Campaign(STORIES[:1], rounds[2][1], seed_given=True))
    assert again == [rounds[2]]


def test_shuffled_the_same_way_by_the_same_seed():
    one, same, other = (
        [name for name, _, _ in played(Campaign(STORIES, seed, shuffle=True))] for seed in (1, 1, 2)
    )
    assert one == same
    assert sorted(one) == sorted(other) == list("abcdefgh")
    assert one != other


def test_what_needs_more_than_there_is_is_skipped_with_the_reason():
    story = replace(STORIES[0], needs=frozenset({Need.TIME, Need.ORDERS}))
    campaign = Campaign((story,), 7, capable=frozenset(Need) - {Need.TIME, Need.ORDERS})
    (run,) = campaign.runs(lambda story, seed: pytest_fail())
    assert (run.verdict.result, run.verdict.why) == (Result.SKIPPED, "needs orders, time")


def pytest_fail() -> Run:
    raise AssertionError("it must not be played")


def test_until_one_fails():
    rounds = played(Campaign(STORIES[:4], 7, repeat=5, until_failure=True), fails="c")
    assert [name for name, _, _ in rounds] == ["a", "b", "c"]


def test_what_has_no_place_is_skipped_with_the_reason():
    stories = (
        replace(STORIES[0], skip="FIX.4.2 is below FIX.4.3"),
        replace(STORIES[1], skip_world="live"),
    )
    campaign = Campaign(stories, 7, world="live")
    whys = [run.verdict.why for run in campaign.runs(lambda story, seed: pytest_fail())]
    assert whys == ["FIX.4.2 is below FIX.4.3", "not in the live world"]
    assert [result for *_, result in played(Campaign(stories[1:], 7))] == ["PASS"]

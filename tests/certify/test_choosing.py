"""Cases by their addresses: with and without dots, groups, names, patterns."""

from __future__ import annotations

import pytest

from fixgate.certify import NothingChosenError, Pack, only
from fixgate.scenario.model import Side
from tests.certify.sample import sample_pack


@pytest.fixture
def pack(tmp_path) -> Pack:
    return sample_pack(tmp_path / "tests")


def ids(pack: Pack) -> list[str]:
    return [case.id for case in pack.cases]


def names(pack: Pack) -> set[str]:
    return {each.id for each in pack.scenarios}


@pytest.mark.parametrize(
    ("patterns", "cases"),
    [
        ((), ["2.a", "2.b", "3", "10"]),
        (("2.b",), ["2.b"]),
        (("2b",), ["2.b"]),
        (("2B",), ["2.b"]),
        (("2.*",), ["2.a", "2.b"]),
        (("2",), ["2.a", "2.b"]),
        (("10", "2a"), ["2.a", "10"]),
        (("1*",), ["10"]),
        (("3",), ["3"]),
    ],
)
def test_by_address(pack: Pack, patterns, cases):
    assert ids(only(pack, patterns)) == cases


def test_one_is_not_ten(pack: Pack):
    with pytest.raises(NothingChosenError) as caught:
        only(pack, ["1"])
    assert caught.value.pattern == "1"


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("2b-wrong", {f"FIX.4.{v}/2b-wrong@{s}" for v in (2, 4) for s in ("client", "venue")}),
        ("2b-wrong@venue", {"FIX.4.2/2b-wrong@venue", "FIX.4.4/2b-wrong@venue"}),
        ("FIX.4.4/2b-wrong@venue", {"FIX.4.4/2b-wrong@venue"}),
    ],
)
def test_by_the_name_of_a_scenario(pack: Pack, pattern: str, chosen: set[str]):
    left = only(pack, [pattern])
    assert names(left) == chosen
    assert ids(left) == ["2.b"]


def test_one_side(pack: Pack):
    left = only(pack, side=Side.VENUE)
    assert {each.under_test for each in left.scenarios} == {Side.VENUE}
    assert ids(left) == ["2.a", "2.b", "3", "10"], "what nobody can be tested for is still listed"


def test_what_was_meant(pack: Pack):
    with pytest.raises(NothingChosenError) as caught:
        only(pack, ["2b-wrnog"])
    assert caught.value.hint == "did you mean '2b-wrong'?"

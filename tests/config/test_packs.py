"""``pack.yaml``: what it makes, and what is wrong with it, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.config.packs import load_pack
from fixgate.config.scenarios import load_folder
from fixgate.errors import ConfigError
from fixgate.scenario.model import Identity
from tests.certify.sample import GOOD, LIST, ONLY_50, sample_pack, write_pack


def mistakes(folder: Path, **files: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_pack(write_pack(folder, **files))
    return [
        f"{Path(m.path).name}:{m.line}: {m.message}{f' ({m.hint})' if m.hint else ''}"
        for m in caught.value.mistakes
    ]


def test_a_pack(tmp_path):
    pack = sample_pack(tmp_path / "tests")
    assert (pack.name, pack.title) == ("tests", "A pack for tests")
    assert pack.source == "Rules of engagement, edition 3"
    assert pack.description == "Nothing is to be set up."
    assert pack.versions == ("FIX.4.2", "FIX.4.4")
    assert [case.id for case in pack.cases] == ["2.a", "2.b", "3", "10"]
    assert [case.title for case in pack.cases][2:] == [
        "Keys are right",
        "A TestRequest should fail",
    ]
    assert pack.cases[2].not_testable == "Nobody has the keys."


def test_scenarios_by_version_and_then_in_the_order_of_the_cases(tmp_path):
    ids = [scenario.id for scenario in sample_pack(tmp_path / "tests").scenarios]
    assert ids == [
        "FIX.4.2/2a-good@client", "FIX.4.2/2a-good@venue",
        "FIX.4.2/2b-wrong@client", "FIX.4.2/2b-wrong@venue",
        "FIX.4.2/2b-other@client", "FIX.4.2/2b-other@venue",
        "FIX.4.4/2a-good@client", "FIX.4.4/2a-good@venue",
        "FIX.4.4/2b-wrong@client", "FIX.4.4/2b-wrong@venue",
        "FIX.4.4/2b-other@client", "FIX.4.4/2b-other@venue",
        "FIX.4.4/10-should@client", "FIX.4.4/10-should@venue",
    ]  # fmt: skip


def test_the_session_is_of_the_version(tmp_path):
    pack = sample_pack(tmp_path / "tests", identity=Identity(client="DESK"))
    for scenario in pack.scenarios:
        session = scenario.actor("client").session
        assert session is not None
        assert session.id.begin_string == scenario.id.partition("/")[0]
        assert dict(session.id.sent())[49] == b"DESK"


def test_only_some_versions(tmp_path):
    pack = sample_pack(tmp_path / "tests", versions=("FIX.4.2",))
    assert pack.versions == ("FIX.4.2",)
    assert pack.cases[3].scenarios == (), "it is not there in that version"


def test_a_scenario_that_names_its_version_is_played_in_no_other(tmp_path):
    text = LIST.replace("FIX.4.4]\ncases", "FIX.5.0SP2]\ncases").replace("[FIX.4.4]", "[FIX.4.2]")
    pack = load_pack(write_pack(tmp_path / "tests", pack=text, _2a_good=ONLY_50))
    ids = [each.id for each in pack.cases[0].scenarios]
    assert ids == ["FIX.5.0SP2/2a-good@client", "FIX.5.0SP2/2a-good@venue"]


def test_the_list_is_no_scenario(tmp_path):
    folder = write_pack(tmp_path / "tests")
    assert {each.id.partition("@")[0] for each in load_folder(folder)} == {
        "2a-good", "2b-wrong", "2b-other", "10-should",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("[2a-good]", "[2a-god]", ["pack.yaml:6: there is no file '2a-god.yaml' (did you mean"]),
        ("title: A pack", "titel: A pack", ["pack.yaml:1: unknown key 'titel'", "'title' is miss"]),
        ("FIX.4.2, ", "FIX.4.9, ", ["pack.yaml:4: "]),
        ("case: 2.b", "case: 2.a", ["pack.yaml:7: the case is there twice, first at "]),
        (", not_testable: Nobody has the keys.", "", ["pack.yaml:8: expected either 'scenarios'"]),
        ("versions: [FIX.4.4]}", "versions: [FIX.4.3]}", ["pack.yaml:9: "]),
        ("[2b-wrong, 2b-other]", "[2b-wrong]", ["pack.yaml:6: '2b-other.yaml' is of no case"]),
    ],
)
def test_what_is_wrong_with_a_list(tmp_path, was: str, becomes: str, told: list[str]):
    assert was in LIST
    found = mistakes(tmp_path / "tests", pack=LIST.replace(was, becomes))
    for each in told:
        assert any(each in line for line in found), found


def test_every_mistake_of_every_file_once(tmp_path):
    wrong = GOOD.replace("expect: Heartbeat", "expect: Hartbeat")
    found = mistakes(tmp_path / "tests", _2a_good=wrong, _2b_wrong=wrong)
    assert [line.partition(" ")[0] for line in found] == ["2a-good.yaml:9:", "2b-wrong.yaml:9:"] * (
        len(found) // 2
    )
    assert any("did you mean 'Heartbeat'" in line for line in found)


def test_a_version_that_the_pack_is_not_for(tmp_path):
    with pytest.raises(ConfigError, match=r"the pack is not for FIX\.5\.0"):
        sample_pack(tmp_path / "tests", versions=("FIX.5.0",))

import json

from click.testing import CliRunner

from fixgate.cli import main
from fixgate.faults import CATALOGUE, Group


def run(*args: str):
    return CliRunner(env={"COLUMNS": "100"}).invoke(main, ["faults", *args])


def test_list_has_every_fault_in_its_chapter():
    result = run("list")
    assert result.exit_code == 0
    assert all(group.value in result.output for group in Group)
    for spec in CATALOGUE.values():
        assert f"  {spec.name} " in result.output


def test_list_as_json():
    found = json.loads(run("list", "--json").output)
    assert [each["name"] for each in found["faults"]] == list(CATALOGUE)


def test_explain_tells_parameters_and_an_example():
    result = run("explain", "set_fields")
    assert result.exit_code == 0
    assert "body_length" in result.output
    assert "mended, stale" in result.output
    assert "- fault: set_fields" in result.output


def test_explain_as_json_and_with_hyphens():
    assert json.loads(run("explain", "gap-up", "--json").output)["name"] == "gap_up"


def test_a_wrong_name_has_a_hint():
    result = run("explain", "gap_upp")
    assert result.exit_code == 2
    assert "there is no fault 'gap_upp'. Did you mean 'gap_up'?" in result.output
    assert "'fixgate faults list' has them" in run("explain", "zzz").output

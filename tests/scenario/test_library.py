"""The stories that come with fixgate: all of them end well, and each time in the same way."""

from __future__ import annotations

import io
import tomllib
from runpy import run_path

import pytest

from fixgate.config import shipped_folder
from fixgate.config.scenarios import load_folder
from fixgate.faults import CATALOGUE
from fixgate.scenario.archive import judge_again, read_run, write_run
from fixgate.scenario.model import Need, Scenario, Side
from fixgate.scenario.runner import Run, play_virtually
from fixgate.scenario.steps import Ask, Parallel, Repeat, Send, Step
from fixgate.scenario.verdict import Verdict
from fixgate.scenario.vocabulary import vocabulary_of
from fixgate.wire.tags import MsgType
from tests.doctables import ROOT
from tools.mutate_scenarios import load

INDEX = run_path(str(ROOT / "tools" / "make_scenario_index.py"))
ALL = load_folder(ROOT / "scenarios")
LIBRARY = tuple(each for each in ALL if not each.id.startswith("packs/"))
FILES = {each.path: each for each in LIBRARY}.values()
ORDERS = {MsgType.NewOrderSingle, MsgType.OrderCancelRequest, MsgType.OrderCancelReplaceRequest}


def sent(steps: tuple[Step, ...]) -> set[bytes]:
    """The types of the messages that steps send, or have somebody send."""
    found: set[bytes] = set()
    for step in steps:
        match step:
            case Send(msg_type=msg_type) | Ask(does=Send(msg_type=msg_type)):
                found.add(msg_type)
            case Repeat(steps=inner):
                found |= sent(inner)
            case Parallel(branches=branches):
                found = found.union(*map(sent, branches))
    return found


def from_its_file(run: Run) -> Verdict | None:
    """Judge what was written down of a run, and nothing else."""
    file = io.StringIO()
    write_run(file, run.scenario, run.history, seed=run.seed, patience_ns=0, world=run.world)
    archived = read_run(file.getvalue().splitlines(), "run.jsonl")
    session = next(each.session for each in run.scenario.actors if each.session is not None)
    vocabulary = vocabulary_of(session.id.begin_string, session.default_appl_ver_id)
    verdict, _ = judge_again(run.scenario, archived.history, vocabulary)
    return verdict


@pytest.mark.parametrize("scenario", LIBRARY, ids=lambda each: each.id)
def test_it_ends_well_and_in_the_same_way(scenario: Scenario):
    one, other = (play_virtually(scenario, 1) for _ in range(2))
    assert one.verdict.result.value == "PASS", one.verdict.findings
    assert not one.verdict.deviations
    assert list(one.history) == list(other.history)
    assert from_its_file(one) == one.verdict


def test_each_has_a_row_that_says_how_it_fails():
    rowed = {each for mutation in load() for each in mutation.scenarios}
    assert rowed == {each.id for each in ALL}


def test_every_fault_is_in_a_story():
    told = {name for each in FILES for name in INDEX["faults_in"](each.path)}
    assert told == set(CATALOGUE)


@pytest.mark.parametrize("scenario", FILES, ids=lambda each: each.id)
def test_it_says_what_it_is_about(scenario: Scenario):
    assert scenario.title
    assert scenario.story.endswith((".", "?"))
    assert scenario.reaction.endswith(".")
    assert scenario.tags


@pytest.mark.parametrize("scenario", LIBRARY, ids=lambda each: each.id)
def test_what_trades_needs_orders(scenario: Scenario):
    trades = sent(scenario.steps) & ORDERS
    assert not trades or scenario.under_test is Side.CLIENT or Need.ORDERS in scenario.needs
    asks = any(isinstance(step, Ask) for step in scenario.steps)
    assert not (trades and asks) or Need.ORDERS in scenario.needs


def test_the_index_is_that_of_the_stories():
    page = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert page == INDEX["render"](), "make docs"


def test_the_index_names_the_faults_of_a_story():
    told = {each.path: INDEX["faults_in"](each.path) for each in FILES}
    assert told[str(ROOT / "scenarios/malformed/field-missing.yaml")] == ("remove_fields",)
    # Of a parameter, what the rows of the table say.
    table = told[str(ROOT / "scenarios/resets/gap-fill-as-reset.yaml")]
    assert table == ("drop", "gap_fill_without_flag", "gap_fill_as_reset")


def test_all_stories_are_in_the_wheel(tmp_path, monkeypatch):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["scenarios"] == "fixgate/_shipped/scenarios"
    assert not {"exclude", "only-include"} & wheel.keys()
    (tmp_path / "_shipped").mkdir()
    (tmp_path / "_shipped" / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    found = load_folder(shipped_folder("scenarios"))
    assert [each.id for each in found] == [each.id for each in ALL]

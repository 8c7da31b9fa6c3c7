from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fixgate.cli.main import main
from fixgate.config.scenarios import load_scenarios
from fixgate.config.scenarios.schema import SCENARIO_SCHEMA_NAME, scenario_schema
from fixgate.config.scenarios.starters import template_names
from fixgate.config.scenarios.steps import KINDS

BAD = Path(__file__).parents[1] / "data" / "bad-scenarios"


def run(*args: object) -> Result:
    return CliRunner().invoke(main, ["scenario", *map(str, args)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run("new", "first", "--dir", tmp_path).exit_code == 0
    assert run("new", "orders", "--from", "order", "--dir", tmp_path).exit_code == 0
    return tmp_path


def test_check_says_what_it_found(folder):
    result = run("check", folder, folder / "first.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"ok {folder}: 5 scenarios\nok {folder / 'first.yaml'}: 2 scenarios\n"


def test_check_tells_every_mistake_of_every_file(folder):
    result = run("check", BAD / "keys-missing.yaml", folder, BAD / "message-unknown.yaml")
    assert result.exit_code == 2
    assert result.stdout == f"ok {folder}: 5 scenarios\n"
    path = BAD / "message-unknown.yaml"
    assert result.stderr.endswith(
        f"{path}:6:11: FIX.4.4 has no message 'TestReqest' (did you mean 'TestRequest'?)\n"
        "      - send: TestReqest\n"
        "              ^\n"
        "2 mistakes\n"
    )


def test_check_without_secrets(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: t\nunder_test: venue\nsession: {username: me, password: '${cred:nowhere}'}\n"
        "steps:\n  - connect\n  - expect: closed\n"
    )
    assert run("check", path).exit_code == 2
    assert run("check", "--no-secrets", path).exit_code == 0


def test_list(folder):
    result = run("list", folder)
    assert result.exit_code == 0
    lines = [line.split("  ") for line in result.stdout.splitlines()]
    lines = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert lines[0] == ["ID", "UNDER TEST", "BINDING", "NEEDS", "TAGS", "TITLE"]
    assert lines[1] == [
        "first@client", "client", "MUST", "-", "heartbeats",
        "A TestRequest is answered with its TestReqID",
    ]  # fmt: skip
    assert [line[0] for line in lines[1:]] == [
        "first@client", "first@venue", "orders[buy]", "orders[sell]", "orders[large]",
    ]  # fmt: skip
    assert result.stderr == "5 scenarios\n"


def test_list_chooses(folder):
    found = run("list", folder, "--tag", "heartbeats", "--under-test", "venue", "--json")
    document = json.loads(found.stdout)
    assert document["schema_version"] == 1
    (one,) = document["scenarios"]
    assert one == {
        "id": "first@venue",
        "path": str(folder / "first.yaml"),
        "title": "A TestRequest is answered with its TestReqID",
        "story": "A desk that sees no answer to its TestRequest takes the line for dead and hangs "
        "up, in the middle of the market.",
        "reaction": "A Heartbeat with the same TestReqID(112), at once.",
        "under_test": "venue",
        "requirement": "MUST",
        "spec": "FIX Session Layer, TestRequest",
        "tags": ["heartbeats"],
        "needs": [],
        "steps": 4,
        "limit_s": 72.0,
    }
    assert run("list", folder, "--tag", "no-such").exit_code == 2


EXPLAINED = """\
A TestRequest is answered with its TestReqID
============================================

A desk that sees no answer to its TestRequest takes the line for dead and hangs up, in the
middle of the market.

Scenario:    first@venue
File:        FILE
Under test:  the venue; we play client
Reaction:    A Heartbeat with the same TestReqID(112), at once.
Requirement: MUST - FIX Session Layer, TestRequest
Session:     FIX.4.4:CLIENT->VENUE, HeartBtInt(108) 30
Tags:        heartbeats
Takes:       at most 72.0 s

Steps

  20  connect and exchange Logons, within 5s
  22  send TestRequest(1) with TestReqID(112) = HELLO, called question
  26  expect Heartbeat(0) with TestReqID(112) = question.TestReqID, within 2s
  31  log out, within 5s

What these steps mean

  connect  Our client connects; our venue lets clients connect from now on, and awaits one. It
           ends when both Logons have been exchanged.
  send     Send a message. The session numbers and stores it, unless MsgSeqNum(34) is among the
           fields: then it goes beside the session, whose own numbers do not move. BodyLength(9)
           and CheckSum(10) are always right.
  expect   The next message from the system under test is one that fits. Heartbeat(0),
           TestRequest(1) and the scenario's `ignore` are passed over unless they fit; anything
           else that comes instead fails the step at once. `closed` is the end of the
           connection, `connection` a new one from the client under test, `nothing` silence for
           so long.
  logout   Log out as the standard has it, and wait until the connection has ended in order.
"""


def test_explain_a_scenario(folder):
    result = run("explain", f"{folder / 'first.yaml'}@venue")
    assert result.exit_code == 0
    assert result.stdout == EXPLAINED.replace("FILE", str(folder / "first.yaml"))


@pytest.mark.parametrize("kind", KINDS)
def test_explain_a_step(kind):
    result = run("explain", kind)
    assert result.exit_code == 0
    for option in KINDS[kind].options:
        assert f"\n  {option.name}" in result.stdout


def test_explain_lists_the_steps():
    result = run("explain")
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(KINDS)


def test_explain_something_unknown():
    result = run("explain", "sedn")
    assert result.exit_code == 2
    assert "Of steps, did you mean 'send'?" in result.stderr


def test_new_lists_what_there_is_to_start_from():
    result = run("new")
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(template_names())
    assert all(line.endswith(".") for line in result.stdout.splitlines())


@pytest.mark.parametrize("template", template_names())
def test_new_writes_a_file_that_is_right(tmp_path, template):
    result = run("new", "mine.yaml", "--from", template, "--dir", tmp_path / "deep")
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'deep' / 'mine.yaml'}\n"
    assert load_scenarios(tmp_path / "deep" / "mine.yaml")
    text = (tmp_path / "deep" / "mine.yaml").read_text()
    assert "fixgate scenario check mine.yaml" in text
    assert text.startswith(f"# yaml-language-server: $schema={SCENARIO_SCHEMA_NAME}\n")
    assert (tmp_path / "deep" / SCENARIO_SCHEMA_NAME).exists()


def test_new_overwrites_only_when_told(folder):
    result = run("new", "first", "--dir", folder)
    assert result.exit_code == 2
    assert "exists; --force overwrites" in result.stderr
    assert run("new", "first", "--dir", folder, "--force").exit_code == 0


@pytest.mark.parametrize("name", ["../out", "/tmp/out", ".hidden", "", "a b", "x" * 70])
def test_new_writes_nowhere_else(tmp_path, name):
    result = run("new", name, "--dir", tmp_path)
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_new_from_something_unknown(tmp_path):
    result = run("new", "x", "--from", "nothing", "--dir", tmp_path)
    assert result.exit_code == 2
    assert "'nothing' is not one of question, client, fault, order, raw" in result.stderr


def test_schema():
    assert json.loads(run("schema").stdout) == scenario_schema()

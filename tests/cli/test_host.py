"""``fixgate host`` from the outside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from fixgate.cli.main import main
from fixgate.host.account import Account
from fixgate.host.model import Snapshot
from fixgate.report.host.json import render_json
from tests.host.judging.helpers import BEST, changed, with_nic

QUICK = ("--canary", "20ms")


def run(*args: str):
    return CliRunner().invoke(main, ["host", *args])


def kept(folder: Path, name: str, snapshot: Snapshot) -> str:
    file = folder / name
    file.write_text(render_json(Account.of(snapshot)))
    return str(file)


def test_the_page_of_this_machine():
    result = run(*QUICK)
    assert result.exit_code in (0, 1)
    assert result.stdout.startswith("fixgate host   ")
    for group in ("processor", "interrupts", "memory", "network", "clock", "process"):
        assert f"\n{group}\n" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_the_exit_code_says_whether_something_is_bad(tmp_path):
    result = run(*QUICK, "--json", str(tmp_path / "host.json"))
    read = json.loads((tmp_path / "host.json").read_text())
    assert result.exit_code == read["exit_code"] == (1 if read["summary"]["bad"] else 0)
    assert result.stderr == f"wrote {tmp_path / 'host.json'}\n"


def test_the_way_to_a_target(closed_port):
    result = run(closed_port, *QUICK)
    assert "leads to 127.0.0.1" in result.stdout


def test_a_name_that_nobody_knows_is_a_warning():
    result = run("no.such.host.invalid:9876", *QUICK)
    assert result.exit_code in (0, 1)
    assert result.stderr.startswith("warning: no.such.host.invalid: ")


def test_it_was_kept_and_is_compared(tmp_path):
    file = str(tmp_path / "then.json")
    run(*QUICK, "--save", file)
    result = run(*QUICK, "--compare", file)
    assert result.exit_code in (0, 1)
    assert " changed, " in result.stdout
    assert "since 20" in result.stdout


def test_two_that_were_kept_are_compared_as_they_are(tmp_path):
    later = replace(BEST, taken_ns=BEST.taken_ns + 10**9)
    files = (
        kept(tmp_path, "monday.json", BEST),
        kept(tmp_path, "tuesday.json", changed(later, memory={"merging": True})),
    )
    for first, second in (files, files[::-1]):
        result = run("--compare", first, "--compare", second)
        assert result.exit_code == 0
        assert "    then  off\n    now   on (KSM)\n" in result.stdout


def test_of_two_the_later_one_decides(tmp_path):
    later = with_nic(replace(BEST, taken_ns=BEST.taken_ns + 10**9), carrier=False)
    first, second = kept(tmp_path, "a.json", BEST), kept(tmp_path, "b.json", later)
    assert run("--compare", first, "--compare", second).exit_code == 1


def test_what_was_looked_at_then_is_looked_at_again(tmp_path):
    local = replace(BEST, targets=("127.0.0.1",), nics=())
    result = run(*QUICK, "--compare", kept(tmp_path, "a.json", local), "--json", "-")
    facts = json.loads(result.stdout)["facts"]
    assert facts["targets"] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n", ":2:1: no JSON"),
        ('{"schema": "fixgate-check"}', ':schema: received "fixgate-check"'),
    ],
)
def test_a_file_that_is_none_is_exit_2_with_its_place(tmp_path, text: str, message: str):
    file = tmp_path / "then.json"
    file.write_text(text)
    result = run("--compare", str(file))
    assert result.exit_code == 2
    assert f"{file}{message}" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--compare", "nowhere.json"), "does not exist"),
        (("--canary", "0s"), "expected a duration above 0"),
        (("--json", "-", "--html", "-"), "Only one report can go to standard output"),
        (("nowhere.yaml",), "nowhere.yaml"),
    ],
)
def test_wrong_usage_is_exit_2(args, message: str):
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.stderr


def test_more_than_two_files_or_a_target_beside_two_are_wrong(tmp_path):
    file = kept(tmp_path, "a.json", BEST)
    two = ("--compare", file, "--compare", file)
    assert "one file, or two" in run(*two, "--compare", file).stderr
    assert "without a TARGET" in run(*two, "127.0.0.1:1").stderr


def test_reports_on_standard_output_are_alone(tmp_path):
    result = run(*QUICK, "--html", "-")
    assert result.stdout.startswith("<!doctype html>")

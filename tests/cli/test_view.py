from __future__ import annotations

import gzip
import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner, Result

from fixgate.cli import main

LOG = """\
20260101-00:00:00.000 : a line that is an event
20260101-00:00:00.000 : 8=FIX.4.4|9=77|35=A|34=1|49=CLIENT|56=VENUE|98=0|108=30|553=me|LOGIN
<20260101-00:00:01, FIX.4.4:CLIENT->VENUE, incoming>
  (8=FIX.4.4|9=40|35=8|34=2|49=VENUE|56=CLIENT|54=1|55=ABC|39=0|10=000|)
35=D|49=CLIENT|56=VENUE|554=hunter2|
8=FIX.4.4|9=40|35=D|34=3|49=CLIENT|56=VENUE|54=2|55=XYZ|10=000|
""".replace("LOGIN", "554=hunter2|10=000|")


def run(*args: object, stdin: str | bytes | None = None, **options) -> Result:
    return CliRunner().invoke(main, ["view", *map(str, args)], input=stdin, **options)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "messages.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def types(result: Result) -> list[str]:
    return [json.loads(line)["msg_type"] for line in result.stdout.splitlines()]


def test_a_log_is_shown_and_what_cannot_be_is_told(log):
    result = run(log, "--only", "MsgType,54")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split(" !")[0] for line in lines if not line.startswith("    ")] == [
        "20260101-00:00:00.000 Logon(A) #1 CLIENT->VENUE",
        "20260101-00:00:01 < ExecutionReport(8) #2 VENUE->CLIENT",
        "NewOrderSingle(D) #3 CLIENT->VENUE",
    ]
    assert [line for line in lines if line.startswith("    ")] == [
        "    MsgType(35) = A Logon",
        "    MsgType(35) = 8 ExecutionReport",
        "    Side(54) = 1 BUY",
        "    MsgType(35) = D NewOrderSingle",
        "    Side(54) = 2 SELL",
    ]
    assert result.stderr == f"{log}:5: skipped: no BeginString(8), expected 8=FIX\n"


def test_secrets_never_show(log):
    for args in ([], ["--json"], ["--only", "554"], ["--where", "554~hunter"]):
        result = run(log, *args)
        assert "hunter2" not in result.output
        assert "***" in result.output


def test_secrets_are_for_a_terminal_only(log):
    result = run(log, "--show-secrets")
    assert result.exit_code == 2
    assert "--show-secrets is for a terminal" in result.stderr
    assert "hunter2" not in result.output


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], ["A", "8", "D"]),
        (["--where", "Symbol=ABC"], ["8"]),
        (["--where", "54 present", "--where", "35!=8"], ["D"]),
        (["--where", "54=Buy and 39=New"], ["8"]),
        (["--type", "NewOrderSingle"], ["D"]),
        (["--type", "D", "--type", "8"], ["8", "D"]),
        (["--type", "D", "--where", "Symbol=ABC"], []),
    ],
)
def test_filters(log, args, expected):
    result = run(log, "--json", *args)
    assert result.exit_code == 0
    assert types(result) == expected


def test_skip_and_version(log):
    result = run(log, "--json", "--skip", "8, BodyLength,10", "--version", "FIX.4.2", "--type", "A")
    tags = [field["tag"] for field in json.loads(result.stdout)["fields"]]
    assert tags == [35, 34, 49, 56, 98, 108, 553, 554]


def test_a_dictionary_of_ones_own(log, tmp_path):
    path = tmp_path / "own.xml"
    path.write_text("<fix", encoding="utf-8")
    assert run(log, "--dictionary", path).exit_code == 2


def test_standard_input_and_gzip():
    assert types(run("-", "--json", stdin=LOG)) == ["A", "8", "D"]
    assert types(run("-", "--json", stdin=gzip.compress(LOG.encode()))) == ["A", "8", "D"]


def test_nothing_readable(tmp_path):
    path = tmp_path / "empty.log"
    path.write_text("no message\n35=D|34=1|49=A|\n")
    result = run(path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{path}:2: skipped: no BeginString(8), expected 8=FIX",
        f"{path}: no FIX message could be read",
    ]
    assert run(path, "--json").exit_code == 1


@pytest.mark.parametrize(
    "args", [["--where", "Simbol=A"], ["--where", "35>1"], ["--skip", "Nope"], ["--only", "Nope"]]
)
def test_usage(log, args):
    assert run(log, *args).exit_code == 2


def test_what_is_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "none.log"):
        result = run(path)
        assert result.exit_code == 2
        assert "cannot be read" in result.stderr


def test_colours(log):
    assert "\x1b[" not in run(log).stdout
    assert "\x1b[" in run(log, color=True).stdout
    assert "\x1b[" not in click.unstyle(run(log, color=True).stdout)
    assert "\x1b[" not in run(log, "--no-color", color=True).stdout
    assert "\x1b[" not in run(log, color=True, env={"NO_COLOR": "1"}).stdout


def test_a_reader_that_has_seen_enough(log):
    log.write_text(LOG * 2000, encoding="utf-8")
    viewing = subprocess.Popen(
        [sys.executable, "-m", "fixgate", "view", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert viewing.stdout is not None
    assert viewing.stdout.readline()
    viewing.stdout.close()
    assert viewing.stderr is not None
    errors = viewing.stderr.read()
    viewing.stderr.close()
    assert viewing.wait(10) == 0
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--type", "NewOrderSingel"], "(did you mean 'NewOrderSingle'?)"),
        (["--type", "ZZZZ"], "no version of FIX has a message 'ZZZZ'"),
        (["--where", "35=Execution"], "no version of FIX has a message 'Execution'"),
        (["--where", "MsgType!=LogOn"], "(did you mean 'Logon'?)"),
    ],
)
def test_a_type_that_no_version_knows(log, options, told):
    result = run(log, *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("options", [["--type", "U1"], ["--where", "55=NONE"], ["--type", "News"]])
def test_nothing_is_like_that(log, options):
    result = run(log, *options)
    assert result.exit_code == 0
    assert not result.stdout
    assert result.stderr.splitlines()[-1] == f"{log}: none of 3 messages is like that"

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fixgate.cli import main
from fixgate.config import schema, shipped_files
from tests.config.helpers import SECRET, SESSION, VENUE, write

BAD = Path(__file__).parents[1] / "data" / "bad"


def run(*args: object, **env: str) -> Result:
    return CliRunner().invoke(main, ["config", *map(str, args)], env=env)


def test_check_says_what_it_found(tmp_path):
    session = write(tmp_path, SESSION, "s.yaml")
    venue = write(tmp_path, VENUE + "  listen: 0.0.0.0:7\n", "v.yaml")
    result = run("check", session, venue)
    assert result.exit_code == 0
    assert result.stdout == (
        f"ok {session}: 1 session\nok {venue}: venue on 0.0.0.0:7, any client\n"
    )
    assert result.stderr.startswith(f"warning: {venue}:3:11: 0.0.0.0:7 can be reached")


def test_check_tells_every_mistake_of_every_file(tmp_path):
    good = write(tmp_path, SESSION)
    result = run("check", BAD / "several-at-once.yaml", good, BAD / "alias.yaml")
    assert result.exit_code == 2
    assert result.stdout == f"ok {good}: 1 session\n"
    assert result.stderr.count("several-at-once.yaml:") == 5
    assert result.stderr.count("alias.yaml:") == 2
    assert result.stderr.endswith("7 mistakes\n")


def test_check_never_shows_a_secret(tmp_path):
    result = run("check", *sorted(BAD.glob("password*.yaml")), FIXGATE_TEST_SECRET=SECRET)
    assert result.exit_code == 2
    assert SECRET not in result.output


def test_check_without_secrets(tmp_path):
    path = write(tmp_path, SESSION + "    username: me\n    password: ${cred:nowhere}\n")
    assert run("check", path).exit_code == 2
    assert run("check", "--no-secrets", path).exit_code == 0


def test_check_reads_standard_input():
    result = CliRunner().invoke(main, ["config", "check", "-"], input=SESSION)
    assert result.stdout == "ok -: 1 session\n"


def test_check_needs_a_file():
    assert run("check").exit_code == 2


@pytest.mark.parametrize("kind", ["venue", "sessions", None])
def test_schema(kind):
    result = run("schema", *([kind] if kind else []))
    assert json.loads(result.stdout) == schema(kind)
    assert run("schema", "venues").exit_code == 2


def test_new_lists_what_there_is():
    result = run("new")
    assert [line.split()[0] + ".yaml" for line in result.stdout.splitlines()] == list(
        shipped_files()
    )


def test_new_writes_a_file_and_its_schema(tmp_path):
    result = run("new", "fleet", "--dir", tmp_path / "new")
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}/new/fleet.yaml\n"
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [
        "fixgate.schema.json",
        "fleet.yaml",
    ]
    assert run("check", tmp_path / "new" / "fleet.yaml").exit_code == 0


def test_new_never_overwrites_unless_forced(tmp_path):
    mine = write(tmp_path, "mine", "fleet.yaml")
    result = run("new", "fleet.yaml", "--dir", tmp_path)
    assert result.exit_code == 2
    assert f"{mine} exists; --force overwrites" in result.stderr
    assert run("new", "all", "--dir", tmp_path).exit_code == 2
    assert [p.name for p in tmp_path.iterdir()] == ["fleet.yaml"]
    assert mine.read_text() == "mine"
    assert run("new", "all", "--dir", tmp_path, "--force").exit_code == 0
    assert mine.read_text() != "mine"


def test_new_with_an_unknown_name(tmp_path):
    result = run("new", "../fleet", "--dir", tmp_path)
    assert result.exit_code == 2
    assert "'../fleet' is not one of conformance, fleet" in result.stderr


def test_new_where_nothing_can_be_written(tmp_path):
    write(tmp_path, "", "file")
    result = run("new", "fleet", "--dir", tmp_path / "file" / "folder")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_show_resolves_all_but_secrets(tmp_path):
    text = "defaults: {heartbeat: 2m}\n" + SESSION
    text += "    username: me\n    password: ${env:PW}\n    sender_sub_id: X\n"
    result = run("show", write(tmp_path, text), PW=SECRET)
    (session,) = json.loads(result.stdout)["sessions"]
    assert session["session"]["heartbeat_s"] == 120
    assert session["session"]["credentials"] == {"username": "me", "password": "***"}
    assert session["session"]["id"]["our_sub_id"] == "X"
    assert session["level"] == "session"
    assert SECRET not in result.output
    result = run("show", write(tmp_path, VENUE))
    assert json.loads(result.stdout)["venue"]["venue"]["mode"] == "match"


QUICKFIX = """\
[DEFAULT]
ConnectionType=initiator
SocketConnectHost=127.0.0.1
SocketConnectPort=5001
FileLogPath=log
[SESSION]
BeginString=FIX.4.4
SenderCompID=US
TargetCompID=VENUE
Username=me
Password=hunter2
"""


def test_import_writes_a_file_that_passes_and_tells_the_rest(tmp_path):
    source = write(tmp_path, QUICKFIX, "quickfix.cfg")
    out = tmp_path / "sessions.yaml"
    result = run("import", source, "-o", out)
    assert result.exit_code == 0
    assert result.stdout == f"{out}: 1 session\n"
    assert result.stderr == (
        f"{source}:5: FileLogPath: fixgate keeps no log of messages: its store has them "
        "('fixgate store export')\n"
        f"{source}:11: Password: never copied: put it into the environment variable "
        "FIX_PASSWORD_US_VENUE\n"
    )
    assert run("check", out, FIX_PASSWORD_US_VENUE="x").exit_code == 0
    assert run("import", source).stdout == out.read_text()
    assert "hunter2" not in result.output + out.read_text()
    again = run("import", source, "-o", out)
    assert again.exit_code == 2
    assert "exists; --force overwrites" in again.stderr
    assert run("import", source, "-o", out, "--force").exit_code == 0
    assert run("import", source, "-o", tmp_path / "no" / "x").exit_code == 2


def test_import_of_an_acceptor(tmp_path):
    text = QUICKFIX.replace("initiator", "acceptor").replace("SocketConnect", "SocketAccept")
    source = write(tmp_path, text, "quickfix.cfg")
    result = run("import", source, "-o", tmp_path / "venue.yaml", "--role", "acceptor")
    assert result.stdout == f"{tmp_path / 'venue.yaml'}: 1 client\n"
    assert run("check", "--no-secrets", tmp_path / "venue.yaml").exit_code == 0
    wrong = run("import", source, "--role", "initiator")
    assert wrong.exit_code == 2
    assert wrong.stderr == f"{source}: has no session with ConnectionType=initiator\n"

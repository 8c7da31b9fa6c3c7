"""``fixgate watch`` in this process: usage, what it prints, how it exits."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fixgate.cli.main import main
from tests.cli.test_check import hours_in_two_days


def run(*args: str):
    return CliRunner().invoke(main, ["watch", "--for", "300ms", *args])


US = ("--sender", "ME", "--target", "VENUE")


def test_a_session_that_is_down_at_the_end_is_exit_1(closed_port):
    result = run(closed_port, *US)
    assert result.exit_code == 1
    waiting, *_, ended = result.stdout.splitlines()
    assert f"Z  {closed_port}  waiting     unreachable: {closed_port} refused the TCP" in waiting
    assert " Next try 20" in waiting
    assert f"{closed_port}  ended       unreachable: " in ended
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_json_lines(closed_port):
    result = run(closed_port, *US, "--json")
    assert result.exit_code == 1
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["state"] for each in found][:2] == ["connecting", "waiting"]
    assert found[-1]["state"] == "ended"
    assert {each["schema"] for each in found} == {"fixgate-watch"}
    assert found[1]["cause"] == "refused"


def test_each_try_is_told_only_when_asked(closed_port):
    assert " connecting" not in run(closed_port, *US).stdout
    assert " connecting" in run(closed_port, *US, "-v").stdout


def test_a_closed_session_is_in_order(closed_port, tmp_path):
    file = hours_in_two_days(tmp_path, closed_port)
    result = run(file)
    assert result.exit_code == 0
    assert "asleep  closed      By its schedule the session is closed. Next try" in result.stdout
    assert run(file, "--ignore-schedule").exit_code == 1


def test_what_does_not_log_on_is_not_watched(closed_port, tmp_path):
    file = tmp_path / "shallow.yaml"
    file.write_text(
        "sessions:\n  - {name: shallow, begin_string: FIX.4.4, ours: ME, theirs: VENUE,\n"
        f"     connect: '{closed_port}', level: tcp}}\n"
    )
    result = run(str(file))
    assert result.exit_code == 2
    assert "shallow.yaml:2: shallow: level tcp does not log on: not watched" in result.stderr
    assert "no session to watch" in result.stderr
    result = run(str(file), closed_port, *US)
    assert result.exit_code == 1
    result = run(closed_port)
    assert result.exit_code == 2
    assert "--sender and --target are missing: not watched" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("missing.yaml",), "missing.yaml"),
        (("--for", "soon"), "soon"),
        (("--for", "0s"), "expected a duration above 0"),
        (("--sender", "ME"), "--sender and --target go together"),
        (("--level", "tcp"), "No such option"),
        ((), "Missing argument"),
    ],
)
def test_wrong_usage(args, words):
    result = run(*args, *(() if "missing.yaml" in args or not args else ("127.0.0.1:1",)))
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_store_in_use_is_told_and_tried_again(closed_port, tmp_path):
    from fixgate.config import default_store
    from fixgate.config.units import parse_address
    from fixgate.net.stores import open_store
    from fixgate.session.settings import SessionId

    settings = default_store(parse_address(closed_port))
    store = open_store(settings, SessionId("FIX.4.4", "ME", "VENUE"), 0)
    try:
        result = run(closed_port, *US)
    finally:
        store.close()
    assert result.exit_code == 1
    assert "store-unusable: The session's store cannot be used: " in result.stdout


def test_help_names_the_exit_codes():
    result = CliRunner().invoke(main, ["watch", "--help"])
    assert result.exit_code == 0
    assert "Exits 0 when all sessions were up" in " ".join(result.stdout.split())

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from fixgate.cli.check import check
from fixgate.cli.main import main


def run(*args: str):
    return CliRunner().invoke(main, ["check", *args])


US = ("--sender", "ME", "--target", "VENUE")


def test_failed_session_is_exit_1_with_its_board(closed_port):
    result = run(closed_port, *US)
    assert result.exit_code == 1
    assert "0 GO, 1 NO-GO" in result.stdout
    assert "refused" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def hours_in_two_days(folder: Path, address: str) -> str:
    """A session file whose session is closed now, whenever that is."""
    day = f"{datetime.now(UTC) + timedelta(days=2):%A}".lower()
    file = folder / "closed.yaml"
    file.write_text(
        "sessions:\n  - {name: asleep, begin_string: FIX.4.4, ours: ME, theirs: VENUE,\n"
        f"     connect: '{address}', schedule: {{start: 12:00, end: 12:01, weekdays: [{day}]}}}}\n"
    )
    return str(file)


@pytest.mark.parametrize("options", [(), ("--nagios",), ("--level", "tcp")])
def test_a_closed_session_is_no_failure(closed_port, tmp_path, options):
    result = run(hours_in_two_days(tmp_path, closed_port), *options)
    assert result.exit_code == 0
    assert ("1 closed" if options == ("--nagios",) else "1 CLOSED") in result.stdout


def test_its_schedule_can_be_ignored(closed_port, tmp_path):
    result = run(hours_in_two_days(tmp_path, closed_port), "--ignore-schedule")
    assert result.exit_code == 1
    assert "refused" in result.stdout


def test_reports_are_written_and_named_on_stderr(closed_port, tmp_path):
    files = {kind: tmp_path / "out" / f"r.{kind}" for kind in ("json", "html", "junit")}
    options = [part for kind, path in files.items() for part in (f"--{kind}", str(path))]
    result = run(closed_port, *US, *options)
    assert result.exit_code == 1
    assert json.loads(files["json"].read_text())["summary"]["no_go"] == 1
    assert files["html"].read_text().startswith("<!doctype html>")
    assert ET.parse(files["junit"]).getroot().get("failures") == "1"
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["wrote"] * 3


def test_json_on_stdout_is_alone_there(closed_port):
    result = run(closed_port, *US, "--json", "-")
    assert json.loads(result.stdout)["checks"][0]["findings"][0]["cause"] == "refused"


def test_two_reports_on_stdout_are_wrong_usage(closed_port):
    result = run(closed_port, *US, "--json", "-", "--junit", "-")
    assert result.exit_code == 2
    assert "Only one report" in result.stderr


def test_report_that_cannot_be_written_is_told_before_the_check(closed_port, tmp_path):
    (tmp_path / "file").write_text("")
    result = run(closed_port, *US, "--json", str(tmp_path / "file" / "r.json"))
    assert result.exit_code == 2
    assert not result.stdout
    assert "cannot be written" in result.stderr


def test_report_that_cannot_be_written_in_the_end_still_shows_the_board(
    closed_port, tmp_path, monkeypatch
):
    monkeypatch.setattr("fixgate.report.files.prepare", lambda path: None)
    (tmp_path / "file").write_text("")
    result = run(closed_port, *US, "--json", str(tmp_path / "file" / "r.json"))
    assert result.exit_code == 2
    assert "0 GO, 1 NO-GO" in result.stdout
    assert "cannot be written" in result.stderr


def test_nagios_line_and_exit_status(closed_port):
    result = run(closed_port, *US, "--nagios")
    assert result.exit_code == 2
    assert result.stdout.startswith("CRITICAL - 1 of 1 sessions NO-GO: ")
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "args", [("--bogus",), ("missing.yaml",), ("127.0.0.1:1", "--level", "logon"), ()]
)
def test_nagios_is_told_unknown_of_wrong_usage(args):
    result = run(*args, "--nagios")
    assert result.exit_code == 3
    assert result.stdout.startswith("UNKNOWN - ")


def test_missing_file_is_a_configuration_error():
    result = run("missing.yaml")
    assert result.exit_code == 2
    assert "missing.yaml" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--sender", "ME"), "--sender and --target go together"),
        (("--level", "session"), "needs --sender and --target"),
        (("--begin-string", "FIX.9.9"), "FIX.4.4"),
        (("--application-version", "FIX.5.0SP2"), "FIXT.1.1"),
        (("--application-version", "FIX.4.4", "--begin-string", "FIXT.1.1"), "FIX.5.0SP2"),
        (("--username", "me"), "--username and --password-file go together"),
        (("--deadline", "eight"), "eight"),
        (("--deadline", "0s"), "expected a duration above 0; received '0s'"),
        (("--level", "deep"), "deep"),
        (("--sender", "", "--target", "V"), "'--sender': expected 1 to 64 printable ASCII"),
        (("--sender", "A", "--target", "V\x0149=B"), "'--target': expected 1 to 64 printable"),
        (("--sender", "A" * 65, "--target", "V"), "'--sender': expected 1 to 64 printable ASCII"),
    ],
)
def test_wrong_usage(args, words, closed_port):
    result = run(closed_port, *args)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("127.0.0.1:99999", "expected a port from 1 to 65535 after the colon; nor is it a file"),
        ("::1:5001", "an IPv6 address needs brackets (did you mean '[::1]:5001'?)"),
        ("nobody", "nobody: cannot be read: No such file or directory"),
    ],
)
def test_a_target_that_is_neither_file_nor_address(target, words):
    result = run(target)
    assert result.exit_code == 2
    assert words in result.stderr


def test_address_without_comp_ids_is_checked_to_tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = run(f"127.0.0.1:{port}")
    assert result.exit_code == 0, result.output
    assert "1 GO, 0 NO-GO" in result.stdout
    assert " tcp " in result.stdout


def test_silent_gateway_with_a_password_that_never_shows(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("correct-horse\n")
    report = tmp_path / "r.json"
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        login = ("--username", "me", "--password-file", str(secret))
        result = run(address, *US, *login, "--deadline", "300ms", "--json", str(report), "-v")
    assert result.exit_code == 1
    assert "silent" in result.stdout
    assert "554=***" in result.stdout
    everything = result.output + report.read_text()
    assert "correct-horse" not in everything


@pytest.mark.parametrize("text", ["", "\n", "x" * 5000])
def test_password_file_without_a_password(text, tmp_path, closed_port):
    secret = tmp_path / "password"
    secret.write_text(text)
    result = run(closed_port, *US, "--username", "me", "--password-file", str(secret))
    assert result.exit_code == 2
    assert "expected a password" in result.stderr


def test_verbose_progress_goes_to_stderr(closed_port):
    result = run(closed_port, *US, "-v")
    assert f"[1/1] NO-GO {closed_port} (refused)" in result.stderr


def test_session_file_with_expectations(tmp_path, closed_port):
    file = tmp_path / "fleet.yaml"
    host, port = closed_port.split(":")
    file.write_text(
        "sessions:\n"
        "  - name: sick\n"
        f"    connect: {host}:{port}\n"
        "    begin_string: FIX.4.4\n"
        "    ours: ME\n"
        "    theirs: VENUE\n"
        "    store: memory\n"
        "    expect: {status: fail, cause: refused}\n"
    )
    result = run(str(file))
    assert result.exit_code == 0, result.output
    assert "sick as expected" in result.stdout
    without = run(str(file), "--level", "order")
    assert "no orders allowed" in without.stderr
    uncut = run(str(file), "--level", "persistence")
    assert "sick: the line may not be cut, checked to level session" in uncut.stderr
    file.write_text(
        file.read_text() + "    orders: {allow: true, symbol: ABC, price: 1}\n",
    )
    uncut = run(str(file), "--level", "persistence")
    assert "sick: the line may not be cut, checked to level order" in uncut.stderr


def test_help_names_the_exit_codes():
    result = CliRunner().invoke(check, ["--help"])
    assert result.exit_code == 0
    assert "Exits 0 when all is well" in " ".join(result.stdout.split())

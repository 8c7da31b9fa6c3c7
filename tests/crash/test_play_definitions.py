"""The player of acceptance definitions, with a stand-in for the runner that engines share."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "play_definitions.py"

RUNNER = """
import pathlib, socket, sys
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
socket.create_connection(("127.0.0.1", int(given["--port"])), timeout=5).close()
rules = given["--rules"]
(pathlib.Path(__file__).parent / rules).write_text(given["--port"] + " " + given["--jobs"])
print("PASS fix42/1a")
print("FAIL fix42/1b" if rules == {fails!r} else "PASS fix42/1b")
sys.exit(rules == {fails!r})
"""


def play(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), str(folder)],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip


def test_without_the_runner_it_says_so(tmp_path):
    done = play(tmp_path / "nowhere")
    assert done.returncode == 0
    assert done.stdout == (
        f"acceptance definitions skipped: there is no {tmp_path / 'nowhere' / 'at_run.py'}\n"
    )


@pytest.mark.parametrize("fails", ["", "quickfix", "strict"])
def test_both_rule_sets_play_and_the_venues_are_gone_afterwards(tmp_path, fails):
    (tmp_path / "at_run.py").write_text(RUNNER.format(fails=fails))
    for version in ("fix42", "fix44"):
        (tmp_path / "definitions" / version).mkdir(parents=True)
    done = play(tmp_path)
    assert done.returncode == bool(fails), done.stderr
    assert ("FAIL fix42/1b" in done.stdout) is bool(fails)
    for rules in ("quickfix", "strict"):
        port, jobs = (tmp_path / rules).read_text().split()
        assert jobs == "2"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(port)), timeout=5)

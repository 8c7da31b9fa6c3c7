"""Every input that failed once, again. What each found is its name."""

from __future__ import annotations

import pytest

from fuzz.__main__ import main
from fuzz.failure import failure_of
from fuzz.places import REGRESSIONS
from fuzz.targets import TARGETS, target

KEPT = sorted(path for path in REGRESSIONS.rglob("*") if path.is_file())
# What stalled took a thousand times this. The tests' own machine is no place to measure 10 ms.
SECOND_NS = 1_000_000_000


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_failed_once_does_not_again(path):
    assert failure_of(target(path.parent.name), path.read_bytes(), SECOND_NS) is None


def test_there_is_a_target_for_each():
    assert {path.parent.name for path in KEPT} <= set(TARGETS)
    assert len(KEPT) > 20


def test_the_command_says_what_comes_of_an_input(tmp_path, monkeypatch, capsys):
    good, bad = tmp_path / "qf_store" / "good", tmp_path / "session" / "bad"
    for path, data in ((good, b"engine Go\n"), (bad, b"session version=FIX.4.4\nrx 35=0\n")):
        path.parent.mkdir()
        path.write_bytes(data)
    monkeypatch.setattr("sys.argv", ["fuzz", "replay", str(good), str(bad)])
    assert main() == 0
    monkeypatch.setattr("fuzz.play.THEIRS", "SOMEBODY")  # whom the session does not speak to
    assert main() == 1
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [f"{good}: passed", f"{bad}: passed"]
    assert told[2] == f"{good}: passed"
    assert "AssertionError at fuzz/play.py" in told[3]

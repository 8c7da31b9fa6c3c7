"""Guidance by coverage, where atheris is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fuzz.guided import guidance
from fuzz.places import ROOT
from fuzz.run import outcome_of


def test_a_guided_batch_comes_to_its_end_and_keeps_what_led_to_new_code(tmp_path):
    pytest.importorskip("atheris", reason="make install EXTRAS=dev,fuzz: no coverage guidance here")
    assert guidance().startswith("atheris ")
    command = [sys.executable, "-m", "fuzz", "batch", "session", "s", "0", "60", "--guided"]
    done = subprocess.run(
        [*command, "--corpus", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    outcome = outcome_of(done.stdout.splitlines()[-1])
    assert outcome.watch.inputs >= 60
    assert outcome.failures == {}
    assert len(list((tmp_path / "session").iterdir())) > 10

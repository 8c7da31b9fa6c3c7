"""The demonstration, as a user runs it: processes, sockets, TLS, stores, reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixgate.demo import DemoError, set_stage
from fixgate.net.clock import Clock

pytest.importorskip("trustme", reason="the demonstration makes certificates with trustme")

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]
SCENARIO = Path(__file__).parents[2] / "scenarios" / "demo"
SICK = {
    "desk7-password": "logon-refused",
    "desk6-silent": "silent",
    "desk8-seqnum": "seqnum-too-low",
    "algo5-expired": "tls-expired",
    "backup-refused": "refused",
}


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fixgate", "demo", "--dir", str(folder)]
    environ = os.environ | {"NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


def test_finds_exactly_what_is_sick_and_why(tmp_path: Path):
    folder = tmp_path / "demo"
    done = demo(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    sessions = {check["name"]: check for check in report["checks"]}
    assert len(sessions) == 17
    assert len({check["session"]["version"] for check in sessions.values()}) == 8, (
        "FIX 4.0 to 5.0 SP2"
    )
    sick = {n: c["findings"][0]["cause"] for n, c in sessions.items() if c["status"] != "pass"}
    assert sick == SICK
    assert "12 GO, 5 NO-GO" in done.stdout
    assert str(folder / "report.html") in done.stdout
    assert (folder / "report.html").stat().st_size > 10_000
    secrets = [path.read_text() for path in (folder / "secrets").iterdir()]
    told = done.stdout + done.stderr + (folder / "exchange.log").read_text()
    for name in ("report.json", "report.html"):
        told += (folder / name).read_text(encoding="utf-8")
    assert not [secret for secret in secrets if secret in told]
    again = demo(folder)
    assert again.returncode == 0, "a second run replaces the first"


def test_sick_for_another_reason_is_a_failure(tmp_path: Path):
    """What was meant to be sick and is not is a failure as well."""
    folder = tmp_path / "demo"
    set_stage(folder, SCENARIO, Clock().now_ns())
    fleet = folder / "fleet.yaml"
    fleet.write_text(fleet.read_text().replace("cause: tls-expired", "cause: refused"))
    program = (
        "import sys, os\n"
        "from pathlib import Path\n"
        "from fixgate.demo import exchange\n"
        "from fixgate.cli import main\n"
        "folder = Path(sys.argv[1])\n"
        "with exchange(folder) as ports:\n"
        "    os.environ.update(ports)\n"
        "    main(['check', str(folder / 'fleet.yaml'), '--plain'])\n"
    )
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT as expected" in done.stdout


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(DemoError, match="not from an earlier demonstration"):
        set_stage(tmp_path, SCENARIO, Clock().now_ns())
    done = demo(tmp_path)
    assert done.returncode == 3
    assert "not empty" in done.stderr
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_private_things_are_private(tmp_path: Path):
    set_stage(tmp_path / "demo", SCENARIO, Clock().now_ns())
    for path in ("tls/venue.key", "tls/expired.key", "secrets/desk5"):
        assert (tmp_path / "demo" / path).stat().st_mode & 0o077 == 0

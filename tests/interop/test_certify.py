"""``fixgate certify`` live: QuickFIX under test on either side, made to act by the driver."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fixgate.cli import main
from fixgate.dictionary import FixVersion
from fixgate.interop import PeerRole
from tools.certify_quickfix import certify, outcomes

pytestmark = [pytest.mark.interop, pytest.mark.timeout(60)]


@pytest.mark.parametrize("role", list(PeerRole), ids=lambda role: role.value)
async def test_quickfix_answers_logs_out_when_asked_and_comes_back(tmp_path, role):
    side = "venue" if role is PeerRole.ACCEPTOR else "client"
    await certify(role, FixVersion.FIX44, tmp_path, ["--only", "4b,13a,2d,2b-number-too-high"])
    document = json.loads((tmp_path / f"{side}-FIX.4.4.json").read_text())
    graded = {(case["case"], case["under_test"]): case["grade"] for case in document["cases"]}
    told = (tmp_path / f"{side}-FIX.4.4.txt").read_text()
    assert graded == {(case, side): "PASS" for case in ("2.b", "2.d", "4.b", "13.a")}, told
    assert any(line.startswith("| 13.a | ") and "PASS" in line for line in outcomes(tmp_path))
    kept = tmp_path / f"{side}-FIX.4.4"
    assert len(list(kept.iterdir())) == 4
    words = ["certify", "iso3531", "--version", "FIX.4.4", "--judge", str(kept), "--json", "-"]
    words += ["--only", "4b,13a,2d,2b-number-too-high"]
    again = CliRunner().invoke(main, words, catch_exceptions=False)
    assert json.loads(again.stdout)["cases"] == document["cases"]

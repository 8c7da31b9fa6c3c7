"""Stories of the library live, QuickFIX under test: made to act, killed and started again."""

from __future__ import annotations

import pytest

from tools.quickfix import roll_back
from tools.run_quickfix import library, outcome_of, play_one

pytestmark = [pytest.mark.interop, pytest.mark.timeout(60)]

STORIES = {each.id: each for each in library()}


@pytest.mark.parametrize(
    "name",
    [
        "orders/partial-fills",
        "restarts/venue-forgot-some",
        "restarts/client-keeps-its-store",
        "logon/wrong-password[password]",
        "slow/late-acknowledgement",
    ],
)
async def test_quickfix_passes(tmp_path, name):
    await play_one(STORIES[name], tmp_path)
    told = (tmp_path / f"{name}.txt").read_text()
    assert outcome_of(STORIES[name], tmp_path).result == "PASS", told


def test_an_older_copy_of_a_store_lacks_the_last_messages(tmp_path):
    numbers = tmp_path / "FIX.4.4-VENUE-CLIENT.seqnums"
    numbers.write_text("0000000010 : 0000000003")
    roll_back(tmp_path, 4)
    assert numbers.read_text() == "0000000006 : 0000000001"

"""The account as a whole."""

from pathlib import Path

from fixgate.host.account import Account, take_account
from fixgate.host.judging.topic import Grade
from tests.host.judging.helpers import BEST, QUIET, changed, grown
from tests.host.machines import CONTAINER, Devices
from tests.host.trees import plant


def test_an_account_is_a_snapshot_judged(tmp_path: Path):
    account = take_account(root=plant(tmp_path, CONTAINER), devices=Devices())
    assert "process.quota" in {line.key for line in account.graded(Grade.BAD)}
    assert account.activity is None


def test_an_account_over_a_measurement_is_judged_again():
    before = Account.of(BEST)
    assert before.graded(Grade.BETTER) == ()
    after = before.over(grown(retrans_segs=2).window)
    assert [line.key for line in after.graded(Grade.BETTER)] == ["tcp.retransmits"]
    assert after.activity is not None


def test_lines_are_told_by_grade():
    account = Account.of(changed(memory={"merging": True}), QUIET)
    assert [line.key for line in account.graded(Grade.BETTER)] == ["memory.merging"]

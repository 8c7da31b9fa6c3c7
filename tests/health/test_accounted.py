"""Something run, with the host's account beside it."""

from __future__ import annotations

import sys

import pytest

from fixgate.health.accounted import accounted
from fixgate.host.account import Account
from tests.report.sample import plan

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no interface is known")


async def _done(account: Account) -> str:
    assert account.activity is None
    return "done"


async def test_the_account_is_of_before_and_then_over_it():
    done, account = await accounted([plan("one", host="127.0.0.1")], _done)
    assert done == "done"
    assert account.activity is not None
    assert account.activity.window.duration_ns >= 0
    assert account.snapshot.targets == ("127.0.0.1",)


@LINUX
async def test_the_way_to_what_is_checked_is_looked_at():
    _, account = await accounted([plan("one", host="127.0.0.1")], _done)
    assert [nic.name for nic in account.snapshot.nics] == ["lo"]


async def test_a_name_that_nobody_knows_holds_nothing_up():
    _, account = await accounted([plan("one", host="no.such.host.invalid")], _done)
    assert account.snapshot.targets == ()


async def test_what_is_raised_is_raised():
    async def broken(_: Account) -> None:
        raise RuntimeError("the run")

    with pytest.raises(RuntimeError, match="the run"):
        await accounted([], broken)

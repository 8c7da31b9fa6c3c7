"""A run of checks with the host's account beside it."""

from __future__ import annotations

import sys

import pytest

from fixgate.health.accounted import accounted
from fixgate.health.model import FleetReport
from tests.report.sample import fleet, plan

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no interface is known")


async def _sample() -> FleetReport:
    return fleet()


async def test_the_account_is_added_with_what_was_counted_over_the_run():
    report = await accounted([plan("one", host="127.0.0.1")], _sample)
    assert report.checks == fleet().checks
    account = report.host_account
    assert account is not None
    assert account.activity is not None
    assert account.activity.window.duration_ns >= 0
    assert account.snapshot.targets == ("127.0.0.1",)


@LINUX
async def test_the_way_to_what_is_checked_is_looked_at():
    report = await accounted([plan("one", host="127.0.0.1")], _sample)
    assert report.host_account is not None
    assert [nic.name for nic in report.host_account.snapshot.nics] == ["lo"]


async def test_a_name_that_nobody_knows_holds_nothing_up():
    report = await accounted([plan("one", host="no.such.host.invalid")], _sample)
    assert report.host_account is not None
    assert report.host_account.snapshot.targets == ()


async def test_what_the_run_raises_is_the_runs():
    async def broken() -> FleetReport:
        raise RuntimeError("the run")

    with pytest.raises(RuntimeError, match="the run"):
        await accounted([], broken)

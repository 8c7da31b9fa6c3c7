"""Where a scenario has no place."""

from __future__ import annotations

import pytest

from fixgate.config.scenarios import load_scenarios
from fixgate.dictionary.version import FixVersion
from fixgate.scenario.model import Identity
from tests.config.scenarios.helpers import scenario, scenarios, write

STORY = (
    "title: t\nunder_test: venue\nskip_when: {{{condition}}}\n{more}"
    "steps:\n  - connect\n  - expect: Heartbeat\n"
)


@pytest.mark.parametrize(
    ("condition", "version", "why"),
    [
        ("version_below: FIX.4.3", "FIX.4.2", "FIX.4.2 is below FIX.4.3"),
        ("version_below: FIX.4.3", "FIX.4.3", ""),
        ("version_below: FIX.5.0SP2", "FIX.5.0", "FIX.5.0 is below FIX.5.0SP2"),
        ("version_above: FIX.4.2", "FIX.4.3", "FIX.4.3 is above FIX.4.2"),
        ("version_above: FIX.4.2", "FIX.4.2", ""),
        ("version_above: FIX.4.2, version_below: FIX.4.4", "FIX.4.3", "FIX.4.3 is above FIX.4.2"),
    ],
)
def test_by_version(tmp_path, condition: str, version: str, why: str):
    more = f"session: {{version: {version}}}\n"
    found = scenario(tmp_path, STORY.format(condition=condition, more=more))
    assert found.skip == why
    assert (found.steps == ()) is bool(why)


def test_the_version_may_be_the_counterparts(tmp_path):
    """What the steps say is not looked at: the fields may not exist there."""
    text = STORY.format(condition="version_below: FIX.4.4", more="")
    text += (
        "  - {send: TestRequest, with: {TestReqID: A}}\n  - {expect: any, with: {ApplVerID: 9}}\n"
    )
    path = write(tmp_path, text.replace("ApplVerID", "NextExpectedMsgSeqNum"))
    (found,) = load_scenarios(path, identity=Identity(version=FixVersion.FIX42))
    assert found.skip == "FIX.4.2 is below FIX.4.4"
    (found,) = load_scenarios(path)
    assert found.skip == ""


def test_by_side(tmp_path):
    text = STORY.format(condition="under_test: client", more="")
    client, venue = scenarios(tmp_path, text.replace("venue", "[client, venue]", 1))
    assert (client.skip, venue.skip) == ("not with the client under test", "")


def test_by_world(tmp_path):
    found = scenario(tmp_path, STORY.format(condition="world: live", more=""))
    assert (found.skip, found.skip_world) == ("", "live")
    assert found.steps != ()

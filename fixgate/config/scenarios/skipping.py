"""``skip_when``: where a scenario has no place, whatever the system under test is capable of."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.config.fields import JsonSchema
from fixgate.config.scenarios import values
from fixgate.config.scenarios.node import Node, known_keys
from fixgate.dictionary.version import FixVersion
from fixgate.scenario.model import Side

__all__ = ["SKIP_KEYS", "SKIP_SCHEMA", "Skip", "read_skip"]

_VERSIONS = {version.value: version for version in FixVersion}
_ORDER = list(FixVersion)
_WORLDS = {"virtual": "virtual", "live": "live"}

SKIP_KEYS = {
    "version_below": "The session's version is an older one, such as FIX.4.1 below FIX.4.3.",
    "version_above": "The session's version is a newer one.",
    "world": "It is played in that world: `live` or `virtual`.",
    "under_test": "That side is under test, of a file for both: `client` or `venue`.",
}
"""What may stand under ``skip_when``; one that holds is enough."""

SKIP_SCHEMA: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "version_below": {"enum": list(_VERSIONS), "description": SKIP_KEYS["version_below"]},
        "version_above": {"enum": list(_VERSIONS), "description": SKIP_KEYS["version_above"]},
        "world": {"enum": list(_WORLDS), "description": SKIP_KEYS["world"]},
        "under_test": {
            "enum": [side.value for side in Side], "description": SKIP_KEYS["under_test"]
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Skip:
    """When a scenario is skipped.

    Attributes:
        why: It is, for this reason; empty when it is not, as far as the file alone can tell.
        world: In this world it is, too; empty for none.
    """

    why: str = ""
    world: str = ""


def read_skip(node: Node | None, version: FixVersion, under_test: Side) -> Skip:
    """Return whether a scenario is to be skipped.

    Args:
        node: What ``skip_when`` says, or ``None``.
        version: The session's.
        under_test: The side that is judged.

    Raises:
        UnusableError: It cannot be read; the mistakes have been told.
    """
    if node is None:
        return Skip()
    entries = node.entries()
    known_keys(entries, SKIP_KEYS, "'skip_when'")
    if not entries:
        raise node.report("expected at least one condition, or leave it out")
    why = ""
    if "version_below" in entries:
        least = values.option(entries["version_below"], _VERSIONS)
        if _ORDER.index(version) < _ORDER.index(least):
            why = f"{version.value} is below {least.value}"
    if "version_above" in entries:
        most = values.option(entries["version_above"], _VERSIONS)
        if _ORDER.index(version) > _ORDER.index(most):
            why = f"{version.value} is above {most.value}"
    if "under_test" in entries and values.one_of(entries["under_test"], Side) is under_test:
        why = why or f"not with the {under_test.value} under test"
    world = values.option(entries["world"], _WORLDS) if "world" in entries else ""
    return Skip(why, world)

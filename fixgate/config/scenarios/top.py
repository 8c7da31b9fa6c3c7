"""What stands at the top of a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fixgate.config.fields import JsonSchema
from fixgate.config.scenarios import values
from fixgate.config.scenarios.options import STEPS
from fixgate.config.scenarios.skipping import SKIP_SCHEMA
from fixgate.scenario.model import Need, Requirement, Side

__all__ = ["REQUIRED_KEYS", "TOP_KEYS", "TopKey"]


class TopKey(NamedTuple):
    """A key at the top of a scenario file.

    Attributes:
        doc: What it says, one sentence.
        schema: What an editor may accept.
    """

    doc: str
    schema: JsonSchema


_TEXT: JsonSchema = {"type": "string"}
_WORDS: JsonSchema = {"type": "array", "items": {"type": "string"}}
_MAPPING: JsonSchema = {"type": "object"}
_SIDE: JsonSchema = {"enum": [side.value for side in Side]}

REQUIRED_KEYS = ("title", "under_test", "steps")

TOP_KEYS: Mapping[str, TopKey] = {
    "title": TopKey("One line: what is claimed.", _TEXT),
    "story": TopKey("What happens, and why a desk fears it.", _TEXT),
    "reaction": TopKey("What a sound system under test does about it.", _TEXT),
    "under_test": TopKey(
        "Which side is judged: `client`, `venue`, or both: the file then makes two scenarios.",
        {"anyOf": [_SIDE, {"type": "array", "minItems": 1, "items": _SIDE}]},
    ),
    "requirement": TopKey(
        "`MUST` (the default) or `SHOULD`: how binding its expectations are.",
        {"enum": [each.value for each in Requirement]},
    ),
    "spec": TopKey("Where the requirement stands.", _TEXT),
    "tags": TopKey("Words to choose scenarios by.", _WORDS),
    "needs": TopKey(
        "What the system under test has to be capable of; else the scenario is skipped. "
        "`orders`, `ask`, `restart` and `time` are added where steps need them.",
        {"type": "array", "items": {"enum": [need.value for need in Need]}},
    ),
    "skip_when": TopKey(
        "Where it has no place, and is skipped: older or newer versions, a world, a side.",
        SKIP_SCHEMA,
    ),
    "session": TopKey(
        "What both sides agree on: a mapping, or a file that holds one.",
        {"anyOf": [_TEXT, {"$ref": "#/$defs/session"}]},
    ),
    "client": TopKey("Further keys of a session of a session file.", {"$ref": "#/$defs/client"}),
    "venue": TopKey("Further keys of a venue file.", {"$ref": "#/$defs/venue"}),
    "actors": TopKey(
        "Further actors of ours: `{second: {like: client}}`, with keys that differ.",
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/actor"}},
    ),
    "parameters": TopKey(
        "Names with the values that `$NAME` stands for; without a value where every row of the "
        "table gives one.",
        _MAPPING,
    ),
    "table": TopKey(
        "One scenario a row: its name under `row`, and parameters.",
        {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["row"]}},
    ),
    "within": TopKey("How long expectations may take that do not say: 5s.", values.DURATION),
    "seed": TopKey(
        "Of the dice of its faults; by default the run's.", {"type": "integer", "minimum": 0}
    ),
    "ignore": TopKey("Messages that expectations pass over.", _WORDS),
    "leftovers": TopKey(
        "`allowed`: messages that nobody expected may be left at the end; `fail` is the default.",
        {"enum": ["fail", "allowed"]},
    ),
    "limit": TopKey(
        "After so long it is INCONCLUSIVE; by default a minute more than its steps can take.",
        values.DURATION,
    ),
    "steps": TopKey("What happens, in order.", STEPS),
}
"""By name, in the order in which they are best written."""

"""JSON Schema of scenario files, for editors; made from the tables that read them.

It is more lenient than `fixgate scenario check`: what a field may hold depends on the session's
version, and a parameter may stand for anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from fixgate.config.fields import JsonSchema
from fixgate.config.scenarios.actors import ACTOR_KEYS, CLIENT_KEYS, SESSION_KEYS, VENUE_KEYS
from fixgate.config.scenarios.kind import Option, StepKind
from fixgate.config.scenarios.steps import KINDS
from fixgate.config.scenarios.top import REQUIRED_KEYS, TOP_KEYS
from fixgate.config.schema import schema
from fixgate.dictionary.version import FixVersion

__all__ = ["SCENARIO_SCHEMA_NAME", "scenario_schema"]

SCENARIO_SCHEMA_NAME = "fixgate-scenario.schema.json"
"""The file that the modeline of scenario files names."""

_PARAMETER: JsonSchema = {"type": "string", "pattern": r"\$[A-Za-z_{]"}
_OWN = ("version", "client", "venue")


@cache
def scenario_schema() -> JsonSchema:
    """Return the JSON Schema of a scenario file."""
    both = schema()
    shared = {name: inner for name, inner in both["$defs"].items() if not name.endswith("File")}
    client = shared["SessionModel"]["properties"]
    venue = shared["VenueSessionModel"]["properties"] | shared["VenueModel"]["properties"]
    session = client | {
        "version": {"enum": [each.value for each in FixVersion]},
        "client": {"type": "string"},
        "venue": {"type": "string"},
    }
    definitions = {
        "step": _step(),
        "session": _object({key: session[key] for key in SESSION_KEYS}, docs=SESSION_KEYS),
        "client": _object({key: client[key] for key in CLIENT_KEYS}),
        "venue": _object({key: venue[key] for key in VENUE_KEYS}),
        "actor": _actor(client, venue),
    }
    needed = _needed(definitions, shared)
    return {
        "$schema": both["$schema"],
        "title": "fixgate scenario",
        "description": "A scenario of fixgate; docs/scenarios.md explains it.",
        "type": "object",
        "additionalProperties": False,
        "required": list(REQUIRED_KEYS),
        "properties": {
            key: {"description": each.doc, **_lenient(each.schema)}
            for key, each in TOP_KEYS.items()
        },
        "$defs": definitions | needed,
    }


def _step() -> JsonSchema:
    bare = [kind.name for kind in KINDS.values() if kind.bare]
    return {"anyOf": [{"enum": bare}, *map(_kind, KINDS.values())]}


def _kind(kind: StepKind) -> JsonSchema:
    options = (kind.action, *kind.options)
    found = _object({option.name: _option(option) for option in options})
    required = [kind.name, *(option.name for option in kind.options if option.required)]
    return {"description": kind.doc, **found, "required": required}


def _option(option: Option[object]) -> JsonSchema:
    return {"description": option.doc, **_lenient(option.schema)}


def _lenient(found: JsonSchema) -> JsonSchema:
    """Let a parameter stand where a word, a number or a pattern is asked for."""
    if (
        "$ref" in found
        or not found
        or (found.get("type") in ("null", "string") and "pattern" not in found)
    ):
        return found
    if "anyOf" in found:
        return {"anyOf": [*found["anyOf"], _PARAMETER]}
    return {"anyOf": [found, _PARAMETER]}


def _object(
    properties: Mapping[str, JsonSchema], docs: Mapping[str, str] | None = None
) -> JsonSchema:
    found = {}
    for key, each in properties.items():
        description = (docs or {}).get(key) or each.get("description", "")
        inner = {k: v for k, v in each.items() if k != "description"}
        found[key] = ({"description": description} if description else {}) | _lenient(inner)
    return {"type": "object", "additionalProperties": False, "properties": found}


def _actor(client: Mapping[str, JsonSchema], venue: Mapping[str, JsonSchema]) -> JsonSchema:
    own: dict[str, JsonSchema] = {
        "like": {"description": "Whose part it plays.", "enum": ["client", "venue"]},
        "comp_id": {"description": "Its CompID; by default the client's.", "type": "string"},
    }
    assert own.keys() == set(ACTOR_KEYS)
    keys = dict.fromkeys((*CLIENT_KEYS, *VENUE_KEYS))
    either = {
        key: client[key] if key not in VENUE_KEYS else {}
        for key in keys
        if key in client or key in venue
    }
    return {**_object(own | either), "required": ["like"]}


def _needed(start: JsonSchema, definitions: JsonSchema) -> JsonSchema:
    """Return the definitions that others refer to, and those that these do."""
    found: dict[str, JsonSchema] = {}
    waiting = list(_references(start))
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found[name] = definitions[name]
            waiting.extend(_references(definitions[name]))
    return dict(sorted(found.items()))


def _references(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield str(value).removeprefix("#/$defs/")
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)

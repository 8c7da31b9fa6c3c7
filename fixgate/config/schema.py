"""JSON Schema of the two kinds of files, for editors and other programs.

The schema is more lenient than fixgate where an editor cannot know better: a session may lack
what ``defaults`` give it, and rules between several values are left to ``fixgate config check``.
"""

from __future__ import annotations

from fixgate.config.fields import JsonSchema
from fixgate.config.hours import RESET_WORDS, SCHEDULE_WORDS
from fixgate.config.models import (
    ResetModel,
    ScheduleModel,
    SessionModel,
    SessionsFile,
    StoreModel,
    TlsModel,
    VenueFile,
)

__all__ = ["KINDS", "schema"]

KINDS = ("venue", "sessions")

_SHARED = (StoreModel.__name__, ScheduleModel.__name__, ResetModel.__name__)
"""What both kinds of files use; in a session file ``defaults`` may hold back a part of it."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str | None = None) -> JsonSchema:
    """Return the JSON Schema of one kind of file, or of both in one document.

    Args:
        kind: ``venue``, ``sessions``, or ``None`` for both.

    Raises:
        ValueError: Another kind.
    """
    match kind:
        case "venue":
            return {"$schema": _DIALECT, **_venue()}
        case "sessions":
            return {"$schema": _DIALECT, **_sessions()}
        case None:
            return _both()
    raise ValueError(f"expected one of {', '.join(KINDS)}, received {kind!r}")


def _both() -> JsonSchema:
    venue, sessions = _venue(), _sessions()
    definitions = venue.pop("$defs") | sessions.pop("$defs")
    return {
        "$schema": _DIALECT,
        "title": "fixgate",
        "description": "A venue file or a session file of fixgate.",
        "type": "object",
        "if": {"required": ["venue"]},
        "then": {"$ref": "#/$defs/VenueFile"},
        "else": {"$ref": "#/$defs/SessionsFile"},
        "$defs": definitions | {"VenueFile": venue, "SessionsFile": sessions},
    }


def _venue() -> JsonSchema:
    found = _tidy(VenueFile.model_json_schema())
    properties = found["$defs"]["VenueModel"]["properties"]
    _allow(properties["store"], {"const": "memory"})
    _allow_words(properties)
    _allow_words(found["$defs"]["VenueSessionModel"]["properties"])
    listen = properties["listen"]
    address = {"type": "string", "description": "HOST:PORT"}
    one = {"anyOf": [address, listen.pop("items")]}
    properties["listen"] = {
        "description": listen["description"],
        "anyOf": [*one["anyOf"], {"type": "array", "minItems": 1, "items": one}],
    }
    instruments = properties["instruments"]
    instruments["items"] = {"anyOf": [{"type": "string"}, instruments["items"]]}
    return found


def _sessions() -> JsonSchema:
    found = _tidy(SessionsFile.model_json_schema())
    definitions = found["$defs"]
    properties = definitions[SessionModel.__name__]["properties"]
    _allow(properties["store"], {"const": "memory"})
    _allow(properties["tls"], {"type": "boolean"})
    _allow_words(properties)
    for name in (SessionModel.__name__, TlsModel.__name__, "ExpectModel", *_SHARED):
        definitions[name].pop("required", None)
    definitions["Defaults"] = definitions[SessionModel.__name__] | {
        "description": "What every session has unless it says otherwise.",
        "properties": {key: value for key, value in properties.items() if key != "name"},
    }
    definitions[SessionModel.__name__]["required"] = ["name"]
    found["properties"] = {
        "defaults": {"$ref": "#/$defs/Defaults"},
        **found["properties"],
    }
    for name in _SHARED:
        definitions[f"Session{name}"] = definitions.pop(name)
        found = _renamed(found, name, f"Session{name}")
        definitions = found["$defs"]
    return found


def _allow_words(properties: JsonSchema) -> None:
    _allow(properties["schedule"], {"enum": list(SCHEDULE_WORDS)})
    _allow(properties["reset_numbers"], {"enum": list(RESET_WORDS)})


def _allow(field: JsonSchema, other: JsonSchema) -> None:
    """Let ``field`` be ``other`` as well."""
    description = field.pop("description")
    options = field.pop("anyOf", None) or [dict(field)]
    field.clear()
    field.update({"description": description, "anyOf": [other, *options]})


def _tidy(node: JsonSchema) -> JsonSchema:
    """Drop what says nothing to a person: titles, defaults in our own units, null."""
    tidy: JsonSchema = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            tidy[key] = {name: _tidy(inner) for name, inner in value.items()}
        elif key == "anyOf":
            options = [_tidy(option) for option in value if option != {"type": "null"}]
            tidy |= options[0] if len(options) == 1 else {key: options}
        elif key not in ("title", "default"):
            tidy[key] = _tidy(value) if isinstance(value, dict) else value
    return tidy


def _renamed(node: JsonSchema, old: str, new: str) -> JsonSchema:
    renamed: JsonSchema = {}
    for key, value in node.items():
        if key == "$ref" and value == f"#/$defs/{old}":
            renamed[key] = f"#/$defs/{new}"
        elif isinstance(value, dict):
            renamed[key] = _renamed(value, old, new)
        elif isinstance(value, list):
            renamed[key] = [_renamed(v, old, new) if isinstance(v, dict) else v for v in value]
        else:
            renamed[key] = value
    return renamed

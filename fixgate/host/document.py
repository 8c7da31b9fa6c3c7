"""A snapshot as a JSON document, and back."""

from __future__ import annotations

import json
from functools import cache

from pydantic import TypeAdapter, ValidationError

from fixgate.errors import SnapshotError
from fixgate.host.model import Snapshot

__all__ = ["SCHEMA", "SCHEMA_VERSION", "facts_of", "read_document"]

SCHEMA = "fixgate-host"
SCHEMA_VERSION = 1

_LAST_NS = 253_402_300_800 * 10**9
"""The end of the year 9999, beyond which there are no dates."""


@cache
def _adapter() -> TypeAdapter[Snapshot]:
    return TypeAdapter(Snapshot)


def facts_of(snapshot: Snapshot) -> dict[str, object]:
    """Return a snapshot as what JSON can hold: what `read_document` finds under ``facts``."""
    facts: dict[str, object] = _adapter().dump_python(snapshot, mode="json")
    return facts


def read_document(data: bytes, path: str) -> Snapshot:
    """Read a document that holds a snapshot under ``facts``.

    Keys that are not known are passed over, so that a newer fixgate's may be read.

    Args:
        data: The whole file.
        path: Its name, for errors.

    Raises:
        SnapshotError: It is none; says where, what was found and what was expected.
    """
    try:
        document = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SnapshotError(path, f"byte {error.start}", "received no UTF-8") from error
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise SnapshotError(path, place, f"no JSON: {error.msg}") from error
    except (RecursionError, ValueError) as error:
        raise SnapshotError(path, "", f"no JSON that can be read: {error}") from error
    if not isinstance(document, dict):
        raise SnapshotError(path, "", f"received {_kind(document)}, expected an object")
    _expect(path, document, "schema", SCHEMA)
    _expect(path, document, "schema_version", SCHEMA_VERSION)
    if "facts" not in document:
        raise SnapshotError(path, "facts", "is missing")
    return _snapshot(document["facts"], path)


def _expect(path: str, document: dict[str, object], key: str, wanted: object) -> None:
    found = document.get(key)
    if found != wanted or isinstance(found, bool):
        received = json.dumps(found)[:40] if key in document else "nothing"
        reason = f"received {received}, expected {json.dumps(wanted)}"
        raise SnapshotError(path, key, reason)


def _snapshot(facts: object, path: str) -> Snapshot:
    try:
        # As JSON once more: there an array is a tuple, and a text is never a number.
        found = _adapter().validate_json(json.dumps(facts), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        received = json.dumps(first["input"])[:40] if first["type"] != "missing" else "nothing"
        reason = f"received {received}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        raise SnapshotError(path, _place(first["loc"]), reason) from error
    if not 0 <= found.taken_ns < _LAST_NS:
        reason = (
            f"received {found.taken_ns}, expected nanoseconds since 1970, before the year 10000"
        )
        raise SnapshotError(path, "facts.taken_ns", reason)
    return found


def _place(parts: tuple[int | str, ...]) -> str:
    return "facts" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts)


def _kind(value: object) -> str:
    return {list: "an array", str: "a text", type(None): "null"}.get(type(value), "a number")

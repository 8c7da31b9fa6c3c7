"""Plain values into YAML that every reader takes for the same texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

__all__ = ["to_yaml"]

# Nothing that some YAML reader takes for a number, a time, a truth or nothing.
_PLAIN = re.compile(r"(?!(?:true|false|yes|no|on|off|y|n|null)\Z)[A-Za-z][A-Za-z0-9._/-]*", re.I)
_REFERENCE = re.compile(r"\$\{(?:env|file|cred|keyring):[^{}]*\}")
_INDENT = "  "


def to_yaml(value: Mapping[str, object]) -> str:
    """Return a mapping of texts, numbers, truths, lists and mappings as YAML, in its order."""
    return "".join(f"{line}\n" for line in _mapping(value, ""))


def _mapping(value: Mapping[str, object], indent: str) -> list[str]:
    lines = []
    for key, each in value.items():
        match each:
            case Mapping() if each:
                lines += [f"{indent}{key}:", *_mapping(each, indent + _INDENT)]
            case list() if each and isinstance(each[0], Mapping):
                lines += [f"{indent}{key}:", *_items(each, indent + _INDENT)]
            case _:
                lines.append(f"{indent}{key}: {_flow(each)}")
    return lines


def _items(value: Sequence[Mapping[str, object]], indent: str) -> list[str]:
    lines = []
    for each in value:
        first, *rest = _mapping(each, indent + _INDENT)
        lines += [f"{indent}- {first.removeprefix(indent + _INDENT)}", *rest]
    return lines


def _flow(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return f"[{', '.join(_flow(each) for each in value)}]"
        case Mapping():
            return "{}"
        case _:
            return _scalar(str(value))


def _scalar(text: str) -> str:
    if _REFERENCE.fullmatch(text) or _PLAIN.fullmatch(text):
        return text
    return json.dumps(text.replace("${", "$${"), ensure_ascii=False)

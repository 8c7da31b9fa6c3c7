"""From what is written to what is meant: defaults merged in, references resolved."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fixgate.config.references import HOW_SECRET, References
from fixgate.config.source import HIDDEN, Mark, is_secret_key, shown
from fixgate.config.yaml import Document, Path, Value
from fixgate.errors import Mistake

__all__ = ["Draft"]

_SECRETS = ("password", "new_password", "secret")


def _merge(under: Value, over: Value) -> Value:
    """Return ``over``, completed from ``under`` where both are mappings."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    return under | {key: _merge(under.get(key), value) for key, value in over.items()}


@dataclass(slots=True)
class Draft:
    """A file between YAML and models: the tree to validate, and what came of it so far.

    Attributes:
        document: What was read.
        written: The tree with ``defaults`` merged under each session.
        value: The same with references resolved.
        mistakes: Collected here by every stage.
        warnings: Likewise; a warning never stops anything.
        unusable: Paths that already have their mistake.
        secrets: Whether secrets are at hand; see `resolve`.
    """

    document: Document
    written: Value = None
    value: Value = None
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)
    unusable: set[Path] = field(default_factory=set)
    secrets: bool = True

    def resolve(self, environ: Mapping[str, str] | None, *, secrets: bool) -> None:
        """Merge defaults and resolve references.

        Args:
            environ: The environment; ``None`` for the process's.
            secrets: ``False`` checks the form of references to secrets without following them.
        """
        self.secrets = secrets
        self.mistakes.extend(self.document.mistakes)
        self.unusable.update(self.document.unusable)
        self.written = self._merged(self.document.value)
        references = References(
            self.document.source.folder, os.environ if environ is None else environ
        )
        self.value = self._resolved(self.written, (), references, secrets)

    def report(self, path: Path, message: str, hint: str = "", *, at_key: bool = False) -> None:
        """Add a mistake at ``path`` unless what is there already has one."""
        path = self._as_written(path)
        if not self._is_unusable(path):
            mark = self._mark(path, at_key=at_key)
            self.mistakes.append(self.document.source.mistake(mark, message, hint))

    def report_missing(self, path: Path, keys: Sequence[str]) -> None:
        """Add one mistake for all the ``keys`` that the mapping at ``path`` lacks."""
        *others, last = (f"'{key}'" for key in keys)
        if others:
            self.report(path, f"keys {', '.join(others)} and {last} are missing")
        else:
            self.report(path, f"key {last} is missing")

    def warn(self, path: Path, message: str, hint: str = "") -> None:
        """Add a warning at ``path``."""
        mark = self._mark(self._as_written(path))
        self.warnings.append(self.document.source.mistake(mark, message, hint))

    def place(self, path: Path) -> str:
        """Return ``file:line`` of ``path``."""
        mark = self._mark(self._as_written(path))
        return f"{self.document.source.path}:{mark.line}" if mark else self.document.source.path

    def received(self, path: Path) -> str:
        """Return what is written at ``path``, fit to be shown; empty for a secret."""
        value = self.written
        for step in self._as_written(path):
            if isinstance(step, str) and is_secret_key(step):
                return ""
            value = _inside(value, step)
        return shown(value)

    def _as_written(self, path: Path) -> Path:
        """Return the path without what was filled in: a single value may stand for a list."""
        value, written = self.written, []
        for step in path:
            if isinstance(value, str) or (isinstance(step, int) and not isinstance(value, list)):
                continue
            written.append(step)
            value = _inside(value, step)
        return tuple(written)

    def _is_unusable(self, path: Path) -> bool:
        if path in self.document.marks:
            return path in self.unusable
        return path in self.unusable or _in_defaults(path) in self.unusable

    def _mark(self, path: Path, *, at_key: bool = False) -> Mark | None:
        for candidate in (path, _in_defaults(path)):
            if at_key and candidate in self.document.keys:
                return self.document.keys[candidate]
            if candidate in self.document.marks:
                return self.document.marks[candidate]
        return self._mark(path[:-1]) if path else None

    def _merged(self, value: Value) -> Value:
        if not isinstance(value, dict) or "sessions" not in value:
            return value
        merged = dict(value)
        defaults = merged.pop("defaults", {})
        sessions = merged["sessions"]
        if not isinstance(defaults, dict):
            self.report(("defaults",), f"expected a mapping; received {shown(defaults)}")
        elif "name" in defaults:
            self.report(
                ("defaults", "name"),
                "a name belongs to one session, not to 'defaults'",
                at_key=True,
            )
        if isinstance(sessions, list):
            merged["sessions"] = [_merge(defaults, session) for session in sessions]
        return merged

    def _resolved(self, value: Value, path: Path, references: References, secrets: bool) -> Value:
        match value:
            case dict() | list() if path[-1:] and path[-1] in _SECRETS:
                self.report(path, HOW_SECRET)
            case dict():
                return {
                    key: self._resolved(item, (*path, key), references, secrets)
                    for key, item in value.items()
                }
            case list():
                return [
                    self._resolved(item, (*path, index), references, secrets)
                    for index, item in enumerate(value)
                ]
            case str():
                return self._scalar(value, path, references, secrets)
            case None:
                self.report(path, "nothing is written here", "leave the key out", at_key=True)
        self.unusable.add(path)
        return None

    def _scalar(self, text: str, path: Path, references: References, secrets: bool) -> str | None:
        try:
            if not path or path[-1] not in _SECRETS:
                return references.expand(text)
            if not secrets:
                references.check_secret(text)
                return HIDDEN
            value, warning = references.secret(text)
        except ValueError as error:
            self.report(path, str(error))
            self.unusable.add(path)
            return None
        if warning:
            self.warn(path, warning)
        return value


def _inside(value: Value, step: str | int) -> Value:
    match value, step:
        case dict(), str():
            return value.get(step)
        case list(), int() if step < len(value):
            return value[step]
        case _:
            return None


def _in_defaults(path: Path) -> Path:
    """Return where a value of a session is written when it came from ``defaults``."""
    return ("defaults", *path[2:]) if len(path) > 2 and path[0] == "sessions" else path

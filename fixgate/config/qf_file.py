"""QuickFIX's settings files, taken apart: sections of KEY=VALUE lines, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fixgate.config.source import Source

__all__ = ["QfFile", "Section", "Setting", "read_qf"]

_SECTION = re.compile(r"\[\s*(\w+)\s*\]")


@dataclass(frozen=True, slots=True)
class Setting:
    """One line ``KEY=VALUE``.

    Attributes:
        key: As it was written.
        value: May be a secret, so it never shows in a repr.
        line: 1-based.
    """

    key: str
    value: str = field(repr=False)
    line: int


@dataclass(slots=True)
class Section:
    """The settings under ``[DEFAULT]`` or ``[SESSION]``, by their keys in lower case.

    Attributes:
        line: Of its heading.
        settings: The last of equal keys counts, as in QuickFIX.
    """

    line: int
    settings: dict[str, Setting] = field(default_factory=dict)

    def get(self, *keys: str) -> Setting | None:
        """Return the first of several settings that is there."""
        found = (self.settings.get(key.casefold()) for key in keys)
        return next((each for each in found if each is not None), None)


@dataclass(slots=True)
class QfFile:
    """A whole file.

    Attributes:
        path: As the user named it.
        default: What holds for every session that does not say otherwise.
        sessions: In the order of the file.
        strays: Lines that are neither, with the reason; no values.
    """

    path: str
    default: Section
    sessions: list[Section]
    strays: list[tuple[int, str, str]]


def read_qf(source: Source) -> QfFile:
    """Take a settings file apart; keys are the same in either case, as in QuickFIX C++ and /n."""
    found = QfFile(source.path, Section(0), [], [])
    current: Section | None = None
    for line, text in enumerate(source.text.splitlines(), 1):
        stripped = text.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        heading = _SECTION.fullmatch(stripped)
        key, equals, value = stripped.partition("=")
        if heading is not None:
            current = _begin(heading[1], line, found)
        elif not equals or not key.strip():
            found.strays.append((line, "line", "neither [SECTION] nor KEY=VALUE: passed over"))
        elif current is None:
            reason = "before [DEFAULT] or [SESSION]: QuickFIX passes over it, too"
            found.strays.append((line, key.strip(), reason))
        else:
            setting = Setting(key.strip(), value.strip(), line)
            current.settings[setting.key.casefold()] = setting
    return found


def _begin(name: str, line: int, found: QfFile) -> Section | None:
    match name.casefold():
        case "default":
            found.default.line = line
            return found.default
        case "session":
            found.sessions.append(Section(line))
            return found.sessions[-1]
    found.strays.append((line, f"[{name}]", "not a section that QuickFIX knows"))
    return None

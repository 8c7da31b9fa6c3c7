"""What the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.config import SessionsConfig, VenueConfig, load
from fixgate.errors import ConfigError
from fixgate.health.model import CheckPlan
from fixgate.net.settings import GatewaySettings

SECRET = "hunter2"

SESSION = """\
sessions:
  - name: one
    connect: 127.0.0.1:5001
    begin_string: FIX.4.4
    ours: A
    theirs: B
"""

VENUE = """\
venue:
  accept_any: true
"""


def write(folder: Path, text: str | bytes, name: str = "some.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def plan(folder: Path, text: str, **environ: str) -> CheckPlan:
    """Return the first plan of a session file."""
    return config(folder, text, **environ).plans[0]


def config(folder: Path, text: str, **environ: str) -> SessionsConfig:
    found = load(write(folder, text), environ={"HOME": "/users/me", **environ})
    assert isinstance(found, SessionsConfig)
    return found


def gateway(folder: Path, text: str, **environ: str) -> GatewaySettings:
    return venue(folder, text, **environ).gateway


def venue(folder: Path, text: str, **environ: str) -> VenueConfig:
    found = load(write(folder, text), environ={"HOME": "/users/me", **environ})
    assert isinstance(found, VenueConfig)
    return found


def mistakes(path: Path | str, **environ: str) -> list[str]:
    """Return ``line:column: message (hint)`` of every mistake in a file."""
    with pytest.raises(ConfigError) as caught:
        load(path, environ=environ)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.mistakes)
    return [
        f"{m.line}:{m.column}: {m.message}" + (f" ({m.hint})" if m.hint else "")
        for m in caught.value.mistakes
    ]

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerRole, PeerSession, PeerSettings
from fixgate.interop.settings import parse_arguments

SESSIONS = (
    PeerSession(FixVersion.FIX44, "A", "B"),
    PeerSession(FixVersion.FIX50SP2, "A", "C D"),
)


@pytest.mark.parametrize(
    "settings",
    [
        PeerSettings(PeerRole.ACCEPTOR, SESSIONS, Path("here")),
        PeerSettings(
            PeerRole.INITIATOR,
            SESSIONS[:1],
            Path("here"),
            port=5001,
            host="::1",
            heartbeat_s=5,
            reset_on_logon=True,
            dictionaries=Path("there"),
        ),
    ],
)
def test_the_command_line_carries_everything(settings):
    assert parse_arguments(settings.arguments()) == settings


def test_a_session_is_named_as_quickfix_names_it():
    assert [str(s) for s in SESSIONS] == ["FIX.4.4:A->B", "FIXT.1.1:A->C D"]


def test_an_unknown_version_is_said(capsys):
    words = ["acceptor", "--folder", "here", "--session", "FIX.9", "A", "B"]
    with pytest.raises(SystemExit):
        parse_arguments(words)
    assert "no version 'FIX.9'; there are FIX.4.0, FIX.4.1" in capsys.readouterr().err

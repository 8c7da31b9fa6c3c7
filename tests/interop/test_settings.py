from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerRole, PeerSession, PeerSettings
from fixgate.interop.protocol import LineError
from fixgate.interop.settings import read_settings, write_settings

SESSIONS = (
    PeerSession(FixVersion.FIX44, "A", "B"),
    PeerSession(FixVersion.FIX50SP2, "A", "C D"),
)
PARTICULAR = PeerSession(
    FixVersion.FIX42,
    "--A",
    "B",
    qualifier="2",
    options=(("MaxLatency", "60"),),
    credentials=("me", "correct-horse"),
)


@pytest.mark.parametrize(
    "settings",
    [
        PeerSettings(PeerRole.ACCEPTOR, SESSIONS, Path("here")),
        PeerSettings(
            PeerRole.INITIATOR,
            (PARTICULAR,),
            port=5001,
            host="::1",
            heartbeat_s=5,
            reset_on_logon=True,
            dictionaries=Path("there"),
            answers=False,
            resends=False,
            tells_more=True,
        ),
    ],
)
def test_the_line_carries_everything(settings):
    line = write_settings(settings)
    assert line.count("\n") == 1
    assert read_settings(line) == settings


def test_a_session_is_named_as_quickfix_names_it():
    names = ["FIX.4.4:A->B", "FIXT.1.1:A->C D", "FIX.4.2:--A->B:2"]
    assert [str(s) for s in (*SESSIONS, PARTICULAR)] == names


def test_a_password_is_not_shown():
    assert "correct-horse" not in repr(PARTICULAR)
    line = write_settings(PeerSettings(PeerRole.ACCEPTOR, (PARTICULAR,)))
    with pytest.raises(LineError) as caught:
        read_settings(line.replace("FIX.4.2", "FIX.9"))
    assert "correct-horse" not in str(caught.value)


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"folder": 1}', "words"])
def test_what_holds_no_settings_is_said(line):
    with pytest.raises(LineError, match="not settings"):
        read_settings(line)

from __future__ import annotations

import pytest

from tests.config.helpers import SECRET
from tests.config.qf import INITIATOR, body, convert


def test_a_value_that_cannot_be_shown(tmp_path):
    found, _ = convert(tmp_path, INITIATOR + "FileStorePath=a\u00adb\n")
    assert [(note.key, note.why) for note in found.notes] == [
        ("FileStorePath", "holds what cannot be shown: passed over")
    ]


def test_an_empty_value_is_none_and_a_session_overrides_the_defaults(tmp_path):
    text = INITIATOR.replace("[SESSION]", "HeartBtInt=20\nMaxLatency=9\n[SESSION]")
    found, _ = convert(tmp_path, text + "HeartBtInt=40\nMaxLatency=\n")
    assert 'heartbeat: "40s"' in body(found.text)
    assert "sending_time_tolerance" not in found.text


def test_what_another_key_decides_is_told(tmp_path):
    text = INITIATOR + "SocketUseSSL=Y\nSSLEnable=N\nSocketServerName=a\nSSLServerName=b\n"
    found, _ = convert(tmp_path, text)
    assert [(note.line, note.key, note.why) for note in found.notes] == [
        (10, "SSLEnable", "has no effect beside what else the file says"),
        (11, "SocketServerName", "has no effect beside what else the file says"),
    ]


def test_a_key_that_cannot_be_shown(tmp_path):
    found, _ = convert(tmp_path, INITIATOR + "a\tb\u202ec=Y\n")
    (note,) = found.notes
    mark = "\N{REPLACEMENT CHARACTER}"
    assert str(note).endswith(f": a{mark}b{mark}c: not a key of QuickFIX that is known here")


@pytest.mark.parametrize(
    "line", [f"Password: {SECRET}=1", f"password {SECRET}=x", f"pwd:{SECRET}=x"]
)
def test_a_password_behind_a_colon_is_not_shown_as_a_key(tmp_path, line):
    found, _ = convert(tmp_path, f"{INITIATOR}{line}\n")
    (note,) = found.notes
    assert SECRET not in str(note)
    assert str(note).endswith("***: not a key of QuickFIX that is known here")

"""What QuickFIX cannot do is refused where it is written."""

from __future__ import annotations

import pytest

from fixgate.config import EngineName, load, quickfix_acceptor
from fixgate.errors import ConfigError
from fixgate.net.settings import Address, ListenSettings
from tests.config.helpers import SESSION, VENUE, write

KNOWN = "  sessions: [{begin_string: FIX.4.4, ours: V, theirs: A}]\n"


def refusals(folder, text: str) -> list[str]:
    """``line:column message`` of each mistake; without the engine there is none."""
    path = write(folder, text)
    load(path)
    try:
        load(path, engine=EngineName.QUICKFIX)
    except ConfigError as error:
        return [f"{m.line}:{m.column} {m.message}" for m in error.mistakes]
    return []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  accept_any: true\n", "3:3 QuickFIX cannot do 'accept_any'"),
        ("  dialect: standard\n", "3:12 QuickFIX has its own habits, not those of dialect"),
        ("  first_logon: 9s\n", "3:3 QuickFIX cannot do 'first_logon'"),
        ("  limits: {max_connections: 9}\n", "3:12 QuickFIX cannot do 'max_connections'"),
        ("  limits: {max_unread_bytes: 9KiB}\n", "3:12 QuickFIX cannot do 'max_unread_bytes'"),
        ("  limits: {max_per_address: 9}\n", "3:12 QuickFIX cannot do 'max_per_address'"),
        (
            "  listen: [{address: 127.0.0.1:1, allow: [127.0.0.1]}]\n",
            "3:35 QuickFIX cannot do 'allow'",
        ),
        ("  listen: 127.0.0.2:1\n", "3:11 QuickFIX lets in this machine only"),
        ("  listen: [127.0.0.1:1, 127.0.0.1:2]\n", "3:25 QuickFIX listens on one port"),
        ("  listen: [{address: 127.0.0.1:1, silent: true}]\n", "3:35 QuickFIX cannot do 'silent'"),
        ("  sending_time_tolerance: 1500ms\n", "3:27 QuickFIX counts whole seconds"),
        ("  timestamp_precision: picoseconds\n", "3:24 QuickFIX writes at most 9 digits"),
    ],
)
def test_a_venue_setting_that_quickfix_lacks(tmp_path, text, message):
    (found,) = refusals(tmp_path, "venue:\n" + KNOWN + text)
    assert found.startswith(message)


def test_tls_of_a_venue(tmp_path):
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).touch()
    tls = "  listen: [{address: 127.0.0.1:1, tls: {certificate: c.pem, key: k.pem}}]\n"
    (found,) = refusals(tmp_path, "venue:\n" + KNOWN + tls)
    assert found.startswith("3:35 QuickFIX cannot do 'tls'")


def test_what_is_written_as_it_is_by_default_is_no_mistake(tmp_path):
    text = "  accept_any: false\n  dialect: quickfix\n  first_logon: 5s\n  limits: {history: 5}\n"
    assert refusals(tmp_path, "venue:\n" + KNOWN + text) == []


def test_whole_seconds_in_old_versions(tmp_path):
    known = KNOWN.replace("FIX.4.4", "FIX.4.1")
    (found,) = refusals(tmp_path, f"venue:\n{known}  timestamp_precision: milliseconds\n")
    assert found == "3:24 QuickFIX writes whole seconds in FIX.4.1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("    heartbeat: 0s\n", "7:16 QuickFIX cannot ask for no heartbeats"),
        ("    dialect: standard\n", "7:14 QuickFIX has its own habits"),
        ("    sending_time_tolerance: 1ms\n", "7:29 QuickFIX counts whole seconds"),
        ("    timestamp_precision: picoseconds\n", "7:26 QuickFIX writes at most 9 digits"),
    ],
)
def test_a_session_setting_that_quickfix_lacks(tmp_path, text, message):
    (found,) = refusals(tmp_path, SESSION + text)
    assert found.startswith(message)


def test_sessions_and_settings_become_quickfix_s(tmp_path):
    text = (
        "venue:\n  comp_id: V\n  listen: 127.0.0.1:0\n  timestamp_precision: microseconds\n"
        "  user_defined_fields: allow\n  sending_time_tolerance: 60s\n  store: {path: kept}\n"
        "  sessions:\n"
        "    - {name: old, begin_string: FIX.4.2, theirs: A, reset_on_logon: true}\n"
        "    - begin_string: FIXT.1.1\n      application_version: FIX.5.0SP1\n      theirs: B\n"
        "      username: me\n      password: ${env:SECRET}\n"
    )
    path = write(tmp_path, text)
    gateway = load(path, environ={"SECRET": "horse"}, engine=EngineName.QUICKFIX).gateway
    assert gateway.listen == (ListenSettings(Address("127.0.0.1", 0)),)
    settings, names = quickfix_acceptor(gateway)
    old, new = settings.sessions
    assert list(names.values()) == ["old", "B FIXT.1.1"]
    assert (str(old), str(new)) == ("FIX.4.2:V->A", "FIXT.1.1:V->B")
    assert dict(old.options) == {
        "ResetOnLogon": "Y",
        "MaxLatency": "60",
        "ValidateUserDefinedFields": "N",
        "TimestampPrecision": "6",
    }
    assert (old.credentials, new.credentials) == (None, ("me", "horse"))
    assert settings.folder == tmp_path / "kept" / "quickfix"
    assert not settings.answers


def test_a_venue_for_everybody_is_refused(tmp_path):
    (found,) = refusals(tmp_path, VENUE)
    assert "accept_any" in found

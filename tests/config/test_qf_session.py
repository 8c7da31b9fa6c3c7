from __future__ import annotations

import pytest

from fixgate.config import SessionsConfig, VenueConfig
from tests.config.helpers import SECRET
from tests.config.qf import ACCEPTOR, FIXT, INITIATOR, body, convert


@pytest.mark.parametrize(
    "lines", [f"Username=me|Password={SECRET}|", f"LogonTag=553=me|LogonTag1=554={SECRET}|"]
)
@pytest.mark.parametrize("text", [INITIATOR, ACCEPTOR], ids=["session", "venue"])
def test_a_password_is_never_copied(tmp_path, text, lines):
    found, _ = convert(tmp_path, text + lines.replace("|", "\n"))
    name = "FIX_PASSWORD_US_VENUE" if text is INITIATOR else "FIX_PASSWORD_VENUE_US"
    assert f"password: ${{env:{name}}}" in body(found.text)
    assert [note.why for note in found.notes] == [
        f"never copied: put it into the environment variable {name}"
    ]


def test_a_password_that_looks_like_a_variable_is_one_all_the_same(tmp_path):
    found, _ = convert(tmp_path, INITIATOR + f"Username=me\nPassword=${{{SECRET}}}\n")
    assert "password: ${env:FIX_PASSWORD_US_VENUE}" in body(found.text)


@pytest.mark.parametrize(
    ("value", "version"),
    [("9", "FIX.5.0SP2"), ("FIX.5.0SP1", "FIX.5.0SP1"), ("7", "FIX.5.0")],
)
def test_versions_of_fixt(tmp_path, value, version):
    found, _ = convert(tmp_path, f"{FIXT}DefaultApplVerID={value}\n")
    assert f"application_version: {version}" in body(found.text)


def test_files_of_go_say_no_connection_type(tmp_path):
    for text, kind in ((INITIATOR, SessionsConfig), (ACCEPTOR, VenueConfig)):
        plain = "".join(line for line in text.splitlines(True) if "ConnectionType" not in line)
        assert isinstance(convert(tmp_path, plain)[1], kind)


def test_no_fractions_before_fix_42_and_no_flag_in_40(tmp_path):
    text = INITIATOR.replace("FIX.4.4", "FIX.4.0") + "TimestampPrecision=6\nResetOnLogon=Y\n"
    found, _ = convert(tmp_path, text)
    assert "timestamp_precision" not in found.text
    assert [(note.key, note.why) for note in found.notes] == [
        ("ResetOnLogon", "FIX.4.0 has no ResetSeqNumFlag(141) to send")
    ]


def test_an_ipv6_address(tmp_path):
    _, checked = convert(tmp_path, INITIATOR.replace("fix.venue.example", "::1"))
    assert isinstance(checked, SessionsConfig)
    assert checked.plans[0].address.host == "::1"

"""Nothing of a QuickFIX file is passed over in silence: property tests over all known keys."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.config import import_quickfix, load
from fixgate.config.qf_keys import KEYS, find_key
from fixgate.errors import ConfigError
from tests.config.helpers import write
from tests.config.qf import ACCEPTOR, HOURS, INITIATOR

NAMES = sorted({name for key in KEYS for name in key.names})
OTHERS = [
    "SocketConnectHost1", "SocketConnectPort2", "LogonTag7", "AppDataDictionary.FIX.4.4",
    "MySQLStoreHost", "JdbcURL", "SLF4JLogEventCategory", "Unheard",
]  # fmt: skip
VALUES = [
    "Y", "N", "0", "1", "x", "08:30:00", "Mon,Tue", "a.pem", "553=me", "464=Y", "${x}",
    "a\u00adb",
]  # fmt: skip
AROUND = {
    "plain": "",
    "hours": HOURS.replace("|", "\n"),
    "TLS": "SocketUseSSL=Y\nCertificationAuthoritiesFile=ca.pem\n",
    "store": "FileStorePath=store\nHeartBtInt=20\n",
}
# Of keys that are read together with others: what is so anyway, and needs no word.
ANYWAY = {
    "CheckLatency": {"Y"},
    "DynamicSessions": {"N"},
    "FileStoreSync": {"N"},
    "HeartBtInt": {"0"},
    "HeartBtIntOverride": {"N"},
    "MicrosecondsInTimeStamp": {"N"},
    "NeedClientAuth": {"N"},
    "NonStopSession": {"Y", "N"},
    "ResetOnDisconnect": {"N"},
    "ResetOnLogon": {"N"},
    "SSLEnable": {"N"},
    "SSLRequireClientCertificate": {"N"},
    "SSLValidateCertificates": {"Y"},
    "SocketInsecureSkipVerify": {"N"},
    "SocketUseSSL": {"Y", "N"},
    "CertificateVerifyLevel": {"0", "1"},
    "UseLocalTime": {"N"},
}


def outcome(folder: Path, text: str) -> tuple[str, list[int]]:
    """Return the made file, and the lines that something was said of."""
    try:
        found = import_quickfix(write(folder, text, "quickfix.cfg"))
    except ConfigError as error:
        return "", [mistake.line for mistake in error.mistakes]
    return found.text, [note.line for note in found.notes]


def silent(folder: Path, text: str, lines: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines that change nothing of what comes of ``text`` and are not told."""
    plain, _ = outcome(folder, text)
    place = text.count("\n") + 1
    found = []
    for name, value in lines:
        made, told = outcome(folder, f"{text}{name}={value}\n")
        anyway = ANYWAY.get(name, set()) | set(find_key(name).same)
        if made == plain and place not in told and value.upper() not in anyway:
            found.append(f"{name}={value}")
    return found


@pytest.mark.parametrize("base", [INITIATOR, ACCEPTOR], ids=["initiator", "acceptor"])
def test_every_key_changes_the_file_or_is_told(tmp_path, base):
    lines = [(name, value) for name in NAMES + OTHERS for value in ("Y", "1", "x")]
    assert silent(tmp_path, base, lines) == []


@pytest.mark.parametrize("around", list(AROUND))
@pytest.mark.parametrize("base", [INITIATOR, ACCEPTOR], ids=["initiator", "acceptor"])
def test_whatever_stands_around_it(tmp_path, base, around):
    combined = [name for name in NAMES + OTHERS if find_key(name).combined]
    lines = [(name, value) for name in combined for value in VALUES]
    assert silent(tmp_path, base + AROUND[around], lines) == []


@given(
    st.sampled_from((INITIATOR, ACCEPTOR)),
    st.lists(st.tuples(st.sampled_from(NAMES + OTHERS), st.sampled_from(VALUES)), max_size=30),
)
@settings(deadline=None, max_examples=200)
def test_whatever_the_keys_the_file_passes(text, keys):
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(f"{name}={value}\n" for name, value in keys)
        try:
            found = import_quickfix(write(Path(folder), text + lines, "quickfix.cfg"))
        except ConfigError:
            return
        load(write(Path(folder), found.text), environ={"HOME": "/u"}, secrets=False)

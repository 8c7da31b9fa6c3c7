from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from fixgate.net.certificate import CertificateFacts
from fixgate.net.expiry import ClientExpiries, warn_of_own
from fixgate.net.settings import Address, ListenSettings, ServerTls

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
NOW_NS = int(NOW.timestamp()) * 10**9
DAY_NS = 86_400 * 10**9


@pytest.fixture
def lines(caplog):
    caplog.set_level("INFO", "fixgate.gateway")
    return lambda: [record.getMessage() for record in caplog.records]


def port(folder: Path, days: float, warn_days: int = 30) -> ListenSettings:
    cert = trustme.CA().issue_cert(
        "fix.example",
        common_name="venue",
        not_before=NOW - timedelta(days=500),
        not_after=NOW + timedelta(days=days),
    )
    path = folder / "venue.pem"
    cert.private_key_and_cert_chain_pem.write_to_path(str(path))
    return ListenSettings(Address("127.0.0.1", 5002), ServerTls(path, path, warn_days=warn_days))


@pytest.mark.parametrize(
    ("days", "when"),
    [
        (31.5, None),
        (30.5, "expires on 2026-12-22, in 30 days"),
        (0.2, "expires on 2026-11-22, today"),
        (-3.2, "has expired on 2026-11-19"),
    ],
)
def test_a_venue_s_own_certificate(tmp_path, lines, days, when):
    warn_of_own([ListenSettings(Address("127.0.0.1", 5001)), port(tmp_path, days)], NOW_NS)
    told = lines()
    if when is None:
        assert told == []
    else:
        (line,) = told
        assert line.startswith("! the certificate 'O=")
        assert line.endswith(f"CN=venue' of 127.0.0.1:5002 {when}")


def test_how_soon_is_soon_is_the_port_s(tmp_path, lines):
    warn_of_own([port(tmp_path, 80.5, warn_days=90)], NOW_NS)
    warn_of_own([port(tmp_path, 8.5, warn_days=7)], NOW_NS)
    assert len(lines()) == 1


def test_a_client_is_told_of_once_for_each_certificate(lines):
    old = CertificateFacts("CN=desk", "CN=ca", 0, NOW_NS + 5 * DAY_NS, fingerprint="1")
    new = CertificateFacts("CN=desk", "CN=ca", 0, NOW_NS + 6 * DAY_NS, fingerprint="2")
    good = CertificateFacts("CN=desk", "CN=ca", 0, NOW_NS + 600 * DAY_NS, fingerprint="3")
    expiries = ClientExpiries()
    for facts in (old, old, good, new, new):
        expiries.look("desk", facts, 30, NOW_NS)
    expiries.look("other", old, 30, NOW_NS)
    assert lines() == [
        "! desk: its certificate 'CN=desk' expires on 2026-11-27, in 5 days",
        "! desk: its certificate 'CN=desk' expires on 2026-11-28, in 6 days",
        "! other: its certificate 'CN=desk' expires on 2026-11-27, in 5 days",
    ]

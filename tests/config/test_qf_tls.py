from __future__ import annotations

import pytest

from fixgate.config import VenueConfig
from tests.config.helpers import SECRET
from tests.config.qf import ACCEPTOR, INITIATOR, TLS, body, convert


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (TLS, ["tls: true"]),
        ("SSLEnable=Y|", ["tls: true"]),
        ("CertificationAuthoritiesFile=ca.pem|", ["tls:", "ca: ca.pem"]),
        ("SocketCAFile=ca.pem|SocketServerName=n|", ["ca: ca.pem", "server_name: \"n\""]),
        (TLS + "SSLCACertificate=ca.pem|SSLServerName=name|", ["ca: ca.pem", "server_name: name"]),
        ("ClientCertificateFile=c.pem|ClientCertificateKeyFile=k.pem|",
         ["certificate: c.pem", "key: k.pem"]),
        ("SocketCertificateFile=c.pem|SocketPrivateKeyFile=k.pem|",
         ["certificate: c.pem", "key: k.pem"]),
        (TLS + "SSLValidateCertificates=N|", ["verify: false"]),
        (TLS + "SocketInsecureSkipVerify=Y|", ["verify: false"]),
        (TLS + "CertificateVerifyLevel=0|", ["verify: false"]),
        (TLS + "CertificateRevocationListFile=r.pem|", ["crl: r.pem"]),
    ],
)  # fmt: skip
def test_tls_of_an_initiator(tmp_path, lines, outcome):
    found, _ = convert(tmp_path, INITIATOR + lines.replace("|", "\n"))
    assert [each for each in outcome if each not in body(found.text)] == []
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ("ServerCertificateFile=c.pem|ServerCertificateKeyFile=k.pem|",
         ["certificate: c.pem", "key: k.pem"]),
        ("SocketCertificateFile=c.pem|SocketPrivateKeyFile=k.pem|SocketCAFile=ca.pem|",
         ["certificate: c.pem", "client_ca: ca.pem"]),
        ("ServerCertificateFile=c.pem|ServerCertificateKeyFile=k.pem|CertificateVerifyLevel=2|"
         "CertificationAuthoritiesFile=ca.pem|CertificateRevocationListFile=r.pem|",
         ["client_ca: ca.pem", "crl: r.pem"]),
        ("SocketCertificateFile=c.pem|SocketPrivateKeyFile=k.pem|NeedClientAuth=N|"
         "SocketCAFile=ca.pem|", ["certificate: c.pem"]),
    ],
)  # fmt: skip
def test_tls_of_an_acceptor(tmp_path, lines, outcome):
    found, _ = convert(tmp_path, ACCEPTOR + lines.replace("|", "\n"))
    assert [each for each in outcome if each not in body(found.text)] == []
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "lines", "why"),
    [
        (INITIATOR, "", "only with TLS, which is off"),
        (INITIATOR, TLS + "SSLValidateCertificates=N|", "a certificate that is not verified"),
        (ACCEPTOR, "ServerCertificateFile=c.pem|ServerCertificateKeyFile=k.pem|", "not asked for"),
    ],
)
def test_a_list_of_revoked_certificates_that_nothing_would_be_looked_up_in(
    tmp_path, text, lines, why
):
    lines += "CertificateRevocationListFile=r.pem|"
    found, _ = convert(tmp_path, text + lines.replace("|", "\n"))
    assert "crl" not in found.text
    (note,) = found.notes
    assert note.key == "CertificateRevocationListFile"
    assert why in note.why


def test_a_port_behind_tls_never_comes_up_without_it(tmp_path):
    lines = "SSLEnable=Y\nSSLCertificate=venue.pfx\nSSLRequireClientCertificate=Y\n"
    found, checked = convert(tmp_path, ACCEPTOR + lines + f"SSLCertificatePassword={SECRET}\n")
    assert isinstance(checked, VenueConfig)
    tls = checked.gateway.listen[0].tls
    assert tls is not None
    assert [p.name for p in (tls.certificate, tls.key, tls.client_ca) if p] == [
        "venue.pem",
        "venue.key",
        "clients.pem",
    ]
    assert [note.key for note in found.notes] == [
        "SSLCertificate",
        "SSLRequireClientCertificate",
        "SSLCertificatePassword",
    ]


def test_an_authority_alone_switches_tls_on(tmp_path):
    found, _ = convert(tmp_path, ACCEPTOR + "CertificationAuthoritiesFile=ca.pem\n")
    assert {"certificate: venue.pem", "key: venue.key"} <= set(body(found.text))
    assert [note.key for note in found.notes] == ["CertificationAuthoritiesFile"]


def test_a_certificate_that_is_not_pem(tmp_path):
    lines = "SSLEnable=Y\nSSLCertificate=us.pfx\nSSLCACertificate=CN=Authority\n"
    found, _ = convert(tmp_path, INITIATOR + lines)
    assert "tls: true" in body(found.text)
    assert [note.key for note in found.notes] == ["SSLCertificate", "SSLCACertificate"]


def test_keys_of_tls_while_it_is_off(tmp_path):
    for text in (INITIATOR, ACCEPTOR):
        found, _ = convert(tmp_path, text + "SocketUseSSL=N\nSocketCAFile=ca.pem\n")
        assert "tls" not in found.text
        assert [(note.key, note.why) for note in found.notes] == [
            ("SocketCAFile", "only with TLS, which is off")
        ]


def test_a_server_name_that_fixgate_does_not_take_is_passed_over(tmp_path):
    found, _ = convert(tmp_path, INITIATOR + f"SocketUseSSL=Y\nSSLServerName={'n' * 101}\n")
    assert "tls: true" in body(found.text)
    assert [(note.key, note.why) for note in found.notes] == [
        ("SSLServerName", "expected a printable name of 1 to 100 characters: passed over")
    ]

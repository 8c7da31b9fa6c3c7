from __future__ import annotations

import base64
import datetime
import hashlib
import ssl

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.certificate import CertificateFacts, read_certificate

UTC = datetime.UTC


def der(blob: trustme.Blob) -> bytes:
    return ssl.PEM_cert_to_DER_cert(blob.bytes().decode())


def test_reads_what_was_issued():
    begin = datetime.datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
    end = datetime.datetime(2055, 6, 7, 8, 9, 10, tzinfo=UTC)
    authority = trustme.CA(organization_name="Órgano")
    cert = authority.issue_cert(
        "fix.example", "*.venue.example", "10.1.2.3", "::1",
        common_name="gateway", organization_name="Venue", not_before=begin, not_after=end,
    )  # fmt: skip
    facts = read_certificate(der(cert.cert_chain_pems[0]))
    assert facts is not None
    assert facts.subject == "O=Venue, OU=" + facts.subject.split("OU=")[1]
    assert facts.subject.endswith("CN=gateway")
    assert "O=Órgano" in facts.issuer
    assert facts.not_before_ns == int(begin.timestamp()) * 10**9
    assert facts.not_after_ns == int(end.timestamp()) * 10**9
    assert facts.names == ("fix.example", "*.venue.example", "10.1.2.3", "::1")
    assert not facts.self_issued


def test_an_authority_issues_itself():
    facts = read_certificate(der(trustme.CA().cert_pem))
    assert facts is not None
    assert facts.self_issued


def test_days_and_names():
    day = 86_400 * 10**9
    facts = CertificateFacts("CN=a", "CN=b", 0, 10 * day, ("Fix.Example", "*.venue.example"))
    assert facts.days_left(0) == 10
    assert facts.days_left(9 * day + 1) == 0
    assert facts.days_left(10 * day + 1) == -1
    assert facts.is_for("fix.example.")
    assert facts.is_for("A.venue.example")
    assert not facts.is_for("a.b.venue.example")
    assert not facts.is_for("venue.example")
    assert not facts.is_for("localhost")


def signed(key, *names: x509.GeneralName, cn: tuple[str, ...] = ("desk1",)) -> x509.Certificate:
    """A certificate by another library, for every kind of key and name."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each) for each in cn])
    builder = x509.CertificateBuilder(
        subject, subject, key.public_key(), x509.random_serial_number(),
        datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1),
    ).add_extension(x509.SubjectAlternativeName(names), critical=False)  # fmt: skip
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest)


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["rsa", "p256", "p521", "ed25519"],
)
def test_fingerprint_and_pin_are_those_of_another_library(key):
    certificate = signed(key, x509.DNSName("desk1.example"))
    facts = read_certificate(certificate.public_bytes(serialization.Encoding.DER))
    assert facts is not None
    digest = certificate.fingerprint(hashes.SHA256())
    assert facts.fingerprint == ":".join(f"{byte:02X}" for byte in digest)
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    digest = hashlib.sha256(spki).digest()
    assert facts.pin == f"sha256/{base64.b64encode(digest).decode()}"


def test_other_names_and_common_names():
    certificate = signed(
        ed25519.Ed25519PrivateKey.generate(),
        x509.DNSName("desk1.example"),
        x509.UniformResourceIdentifier("spiffe://desk/one"),
        x509.RFC822Name("ops@desk.example"),
        cn=("desk1", "second"),
    )
    facts = read_certificate(certificate.public_bytes(serialization.Encoding.DER))
    assert facts is not None
    assert facts.names == ("desk1.example",)
    assert facts.other_names == ("spiffe://desk/one", "ops@desk.example")
    assert facts.common_names == ("desk1", "second")
    assert facts.subject == "CN=desk1, CN=second?"


GOOD = der(trustme.CA().issue_cert("fix.example").cert_chain_pems[0])


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_no_bytes_raise(data):
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    read_certificate(bytes(damaged[: data.draw(st.integers(0, len(GOOD)))]))
    read_certificate(data.draw(st.binary()))

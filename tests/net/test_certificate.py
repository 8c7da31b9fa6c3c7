from __future__ import annotations

import datetime
import ssl

import trustme
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


GOOD = der(trustme.CA().issue_cert("fix.example").cert_chain_pems[0])


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_no_bytes_raise(data):
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    read_certificate(bytes(damaged[: data.draw(st.integers(0, len(GOOD)))]))
    read_certificate(data.draw(st.binary()))

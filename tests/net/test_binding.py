from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.net.binding import CertificateRule
from fixgate.net.certificate import CertificateFacts

ONE, OTHER = "00:01:02", "FF:01:02"
KEY, OTHER_KEY = "sha256/AQID=", "sha256/AAEC="
SHOWN = CertificateFacts(
    "O=Desk, CN=desk1",
    "O=CA",
    0,
    1,
    names=("desk1.example", "192.0.2.7"),
    other_names=("spiffe://desk/one", "ops@desk.example"),
    common_names=("desk1",),
    fingerprint=ONE,
    pin=KEY,
)


@pytest.mark.parametrize(
    "rule",
    [
        CertificateRule(),
        CertificateRule(fingerprints=(ONE,)),
        CertificateRule(fingerprints=(OTHER, ONE)),
        CertificateRule(pins=(OTHER_KEY, KEY)),
        CertificateRule(common_name="desk1"),
        CertificateRule(alt_name="Desk1.Example"),
        CertificateRule(alt_name="192.0.2.7"),
        CertificateRule(alt_name="spiffe://desk/one"),
        CertificateRule(alt_name="ops@desk.example"),
        CertificateRule((ONE,), (KEY,), "desk1", "desk1.example"),
    ],
)
def test_the_right_certificate(rule):
    assert rule.objection(SHOWN) is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (CertificateRule(fingerprints=(OTHER,)), "fingerprint FF:01:02"),
        (CertificateRule(pins=(OTHER_KEY,)), "key sha256/AAEC="),
        (CertificateRule(common_name="Desk1"), "common name 'Desk1'"),
        (CertificateRule(common_name="desk"), "common name 'desk'"),
        (CertificateRule(alt_name="desk.example"), "alternative name 'desk.example'"),
        (CertificateRule(alt_name="desk1"), "alternative name 'desk1'"),
        (
            CertificateRule(common_name="desk1", alt_name="other.example"),
            "common name 'desk1', alternative name 'other.example'",
        ),
    ],
)
def test_the_wrong_certificate_is_told_with_what_was_expected(rule, expected):
    assert rule.objection(SHOWN) == (
        "received subject 'O=Desk, CN=desk1' for desk1.example, 192.0.2.7, spiffe://desk/one, "
        f"ops@desk.example, fingerprint 00:01:02, key sha256/AQID=, expected {expected}"
    )
    assert rule.objection(None) == f"received no certificate, expected {expected}"


@pytest.mark.parametrize("names", [(), ("desk1", "desk2"), ("desk2", "desk1"), ("desk1\0",)])
def test_a_second_common_name_does_not_count(names):
    assert CertificateRule(common_name="desk1").objection(replace(SHOWN, common_names=names))


def test_a_wildcard_is_no_name_of_a_client():
    wild = replace(SHOWN, names=("*.example",))
    assert CertificateRule(alt_name="desk1.example").objection(wild)
    assert CertificateRule(alt_name="*.example").objection(wild) is None

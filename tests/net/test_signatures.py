"""Ed25519 signatures of Logons, against RFC 8032 and the package cryptography itself."""

from __future__ import annotations

import base64
import copy
import sys
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

from fixgate.errors import EngineUnavailable, LocalProtocolError
from fixgate.net import plugins, signatures
from fixgate.net.signatures import Ed25519Signature, installed_signature, load_ed25519
from fixgate.session.authentication import Encoding, Signed

ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
from cryptography.hazmat.primitives import serialization as pem  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

# RFC 8032, 7.1, test 3: the message af 82.
_SEED = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"
_RFC = (
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_SEED))
ED25519 = SimpleNamespace(
    private=KEY.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption()),
    public=KEY.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo),
)
LOGON = {52: b"20260302-09:00:00", 34: b"1", 49: b"DESK"}
SIGNED = Signed((52, 34, 49))


def test_it_is_ed25519_as_the_rfc_has_it():
    signing = load_ed25519(ED25519.private, Signed((1, 2), b"", Encoding.HEX), private=True)
    assert signing.fields({1: b"\xaf", 2: b"\x82"}.get) == ((95, b"128"), (96, _RFC.encode()))


def test_the_venue_verifies_with_the_public_key():
    signing = load_ed25519(ED25519.private, SIGNED, private=True)
    verifying = load_ed25519(ED25519.public, SIGNED, private=False)
    sent = LOGON | dict(signing.fields(LOGON.get))
    assert base64.b64decode(sent[96]) == KEY.sign(b"20260302-09:00:00\x011\x01DESK")
    assert verifying.right(sent.get)
    assert signing.right(sent.get)
    assert not verifying.right((sent | {34: b"2"}).get)
    assert not verifying.right(LOGON.get)
    assert not verifying.right((sent | {96: b"!"}).get)


def test_a_public_key_cannot_sign():
    verifying = load_ed25519(ED25519.public, SIGNED, private=False)
    with pytest.raises(LocalProtocolError, match="cannot sign"):
        verifying.fields(LOGON.get)


def test_it_can_be_copied_and_hides_its_key():
    signing = Ed25519Signature(KEY, SIGNED)
    assert copy.deepcopy(signing) is signing
    assert signing.secret == ""
    assert repr(signing).startswith("Ed25519Signature(Signed(tags=(52, 34, 49)")


@pytest.mark.parametrize(
    ("key", "private", "told"),
    [
        (b"junk", True, "an Ed25519 private key without a password"),
        (ED25519.public, True, "an Ed25519 private key"),
        (ED25519.private, False, "an Ed25519 public key"),
        (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo),
            False,
            "expected an Ed25519 key",
        ),
    ],
)
def test_a_key_that_will_not_do(key, private, told):
    with pytest.raises(ValueError, match=told):
        load_ed25519(key, SIGNED, private=private)


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'fixgate\[crypto\]'"):
        load_ed25519(ED25519.private, SIGNED, private=True)


def test_one_of_another_package(monkeypatch):
    made = EntryPoint("mine", "tests.net.test_signatures:mine", signatures.ENTRY_POINTS)
    asked = {"group": "fixgate.logon_signatures", "name": "mine"}
    monkeypatch.setattr(plugins, "entry_points", lambda **ask: [made] if ask == asked else [])
    assert installed_signature("mine", "s", b"k") == ("s", b"k")
    with pytest.raises(ValueError, match="expected hmac, ed25519 or an installed signature"):
        installed_signature("other", "s", b"k")


def mine(secret: str, key: bytes) -> tuple[str, bytes]:
    return secret, key

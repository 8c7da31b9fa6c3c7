"""RSA for passwords, against the package cryptography itself; ciphers of other packages."""

from __future__ import annotations

import base64
import copy
import sys
from importlib.metadata import EntryPoint

import pytest

from fixgate.errors import EngineUnavailable
from fixgate.net import ciphers, plugins
from fixgate.net.ciphers import Padding, RsaCipher, load_cipher

rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
from cryptography.hazmat.primitives import serialization as pem  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, padding  # noqa: E402

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
HEADER = {52: b"20260302-09:00:00.000"}


def private(key=KEY) -> bytes:
    return key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())


def public(key=KEY) -> bytes:
    return key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)


def cipher(name: str = "rsa-oaep", *, side: str = "public", stamped: bool = False):
    key = public() if side == "public" else private()
    return load_cipher(name, key, method=101, stamped=stamped, private=side == "private")


@pytest.mark.parametrize("name", ["rsa-oaep", "rsa-pkcs1"])
@pytest.mark.parametrize("stamped", [False, True])
def test_the_venue_reads_what_the_client_sealed(name, stamped):
    sealed = cipher(name, stamped=stamped).seal(b"pass", HEADER.get)
    assert b"pass" not in sealed
    assert cipher(name, side="private", stamped=stamped).open(sealed, HEADER.get) == b"pass"


def test_it_is_rsa_as_others_know_it():
    sealed = cipher("rsa-pkcs1", stamped=True).seal(b"pass", HEADER.get)
    plain = KEY.decrypt(base64.b64decode(sealed), padding.PKCS1v15())
    assert plain == b"20260302090000pass"


def test_the_same_password_never_looks_the_same():
    sealing = cipher()
    assert sealing.seal(b"pass", HEADER.get) != sealing.seal(b"pass", HEADER.get)


@pytest.mark.parametrize("sealed", [b"", b"!", b"AAAA", base64.b64encode(b"x" * 256)])
@pytest.mark.parametrize("name", ["rsa-oaep", "rsa-pkcs1"])
def test_what_is_no_password_is_none(name, sealed):
    opened = cipher(name, side="private", stamped=True).open(sealed, HEADER.get)
    assert opened is None


def test_an_old_stamp_is_of_no_use():
    sealed = cipher(stamped=True).seal(b"pass", HEADER.get)
    opening = cipher(side="private", stamped=True)
    assert opening.open(sealed, {52: b"20260302-09:01:30"}.get) == b"pass"
    assert opening.open(sealed, {52: b"20260302-09:05:00"}.get) is None
    assert opening.open(sealed, {}.get) is None
    unstamped = cipher().seal(b"pass", HEADER.get)
    assert opening.open(unstamped, HEADER.get) is None


def test_a_public_key_opens_nothing():
    assert cipher().open(cipher().seal(b"pass", HEADER.get), HEADER.get) is None


def test_it_can_be_copied_and_shown():
    one = cipher()
    assert copy.deepcopy(one) is one
    assert "2048 bits" in repr(one)
    assert one.method == 101


@pytest.mark.parametrize(
    ("key", "is_private", "told"),
    [
        (None, False, "RSA needs a key"),
        (b"junk", False, "expected a PEM file with an RSA public key"),
        (public(), True, "a PEM file with an RSA private key without a password"),
        (private(), False, "expected a PEM file with an RSA public key"),
        (
            public(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
            False,
            "at least 2048 bits",
        ),
        (public(ec.generate_private_key(ec.SECP256R1())), False, "expected an RSA key"),
    ],
)
def test_a_key_that_will_not_do(key, is_private, told):
    with pytest.raises(ValueError, match=told):
        load_cipher("rsa-oaep", key, method=101, stamped=False, private=is_private)


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'fixgate\[crypto\]'"):
        load_cipher("rsa-oaep", public(), method=101, stamped=False, private=False)


def test_an_unknown_one():
    with pytest.raises(ValueError, match="expected rsa-oaep, rsa-pkcs1 or an installed cipher"):
        load_cipher("caesar", None, method=1, stamped=False, private=False)


def test_one_of_another_package(monkeypatch):
    made = EntryPoint("caesar", "tests.net.test_ciphers:caesar", ciphers.ENTRY_POINTS)
    asked = {"group": "fixgate.password_ciphers", "name": "caesar"}
    monkeypatch.setattr(plugins, "entry_points", lambda **ask: [made] if ask == asked else [])
    assert load_cipher("caesar", b"k", method=3, stamped=False, private=False) == ("k", 3)


def caesar(key: bytes, method: int) -> tuple[str, int]:
    return key.decode(), method


def test_rsa_is_made_of_a_key_directly():
    made = RsaCipher(KEY, Padding.OAEP, method=1)
    assert made.open(made.seal(b"pass", HEADER.get), HEADER.get) == b"pass"

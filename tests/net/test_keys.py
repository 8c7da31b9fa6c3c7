from __future__ import annotations

import pytest

from fixgate.net.keys import key_of
from tests.net.test_ciphers import private, public


@pytest.mark.parametrize(("pem", "is_private"), [(private(), True), (public(), False)])
def test_a_key_of_the_right_side(pem, is_private):
    assert key_of(pem, "RSA", private=is_private) is not None


@pytest.mark.parametrize(("pem", "is_private"), [(private(), False), (public(), True), (b"", True)])
def test_anything_else_is_told(pem, is_private):
    side = "private key without a password" if is_private else "public key"
    with pytest.raises(ValueError, match=f"expected a PEM file with an RSA {side}"):
        key_of(pem, "RSA", private=is_private)

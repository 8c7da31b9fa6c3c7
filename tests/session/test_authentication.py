"""Signatures of Logons. The expected ones are OpenSSL's, ``openssl dgst -sha256 -hmac KEY``."""

from __future__ import annotations

import pytest

from fixgate.session.authentication import Digest, Encoding, HmacSignature, Signed
from fixgate.wire.tags import Tag

LOGON = {
    Tag.SendingTime: b"20260302-09:00:00.000",
    Tag.MsgType: b"A",
    Tag.MsgSeqNum: b"1",
    Tag.SenderCompID: b"EXCH",
    Tag.TargetCompID: b"TRADER",
    Tag.Password: b"pass",
}
HEADER = (
    Tag.SendingTime,
    Tag.MsgType,
    Tag.MsgSeqNum,
    Tag.SenderCompID,
    Tag.TargetCompID,
)


def test_the_usual_one():
    signature = HmacSignature("s3cr3t-key")
    assert signature.fields(LOGON.get) == (
        (95, b"44"),
        (96, b"XnckohyKap2En4ibLVFPr7KLVFoqaw0+R/CxWxgwDg0="),
    )


def test_in_hex_without_the_password():
    signature = HmacSignature("s3cr3t-key", Signed(HEADER, encoding=Encoding.HEX))
    assert signature.fields(LOGON.get) == (
        (95, b"64"),
        (96, b"64f457b27a75c16fa73747b7bb39995c916e4dd094bb732002489744dd084eec"),
    )


def test_in_base64_for_urls():
    signature = HmacSignature("s3cr3t-key", Signed(encoding=Encoding.BASE64URL))
    (_, (_, value)) = signature.fields(LOGON.get)
    assert value == b"XnckohyKap2En4ibLVFPr7KLVFoqaw0-R_CxWxgwDg0="


def test_another_hash_a_key_in_base64_and_no_separator():
    signature = HmacSignature(
        "cmF3LWtleQ==",
        Signed(HEADER, b""),
        digest=Digest.SHA512,
        base64_key=True,
    )
    (_, (_, value)) = signature.fields(LOGON.get)
    assert value == (
        b"AFBKvkgT4kiqb6GvwusZnN9vW8RczrTkRckaiHmdfw6RtV3opCOKQyNQAqPa+AI6KZdHMNOhYy2avWsjhf1b9A=="
    )


def test_a_field_that_is_absent_counts_as_empty():
    without = {tag: value for tag, value in LOGON.items() if tag != Tag.Password}
    signature = HmacSignature("s3cr3t-key")
    assert signature.fields(without.get) == signature.fields((without | {554: b""}).get)
    assert signature.fields(without.get) != signature.fields(LOGON.get)


@pytest.mark.parametrize("change", [{52: b"x"}, {34: b"2"}, {49: b"X"}, {56: b"X"}, {554: b"X"}])
def test_every_signed_field_counts(change):
    signature = HmacSignature("s3cr3t-key")
    assert signature.fields((LOGON | change).get) != signature.fields(LOGON.get)


def test_the_secret_does_not_show():
    assert "s3cr3t-key" not in repr(HmacSignature("s3cr3t-key"))


@pytest.mark.parametrize("encoding", list(Encoding))
def test_what_was_signed_is_right(encoding):
    signature = HmacSignature("s3cr3t-key", Signed(encoding=encoding))
    sent = LOGON | dict(signature.fields(LOGON.get))
    assert signature.right(sent.get)
    assert not signature.right((sent | {34: b"2"}).get)
    assert not signature.right(LOGON.get)
    for junk in (b"", b"!", b"a", sent[96][:-4], "\u65e5".encode()):
        assert not signature.right((sent | {96: junk}).get)

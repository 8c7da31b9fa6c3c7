"""Signatures, encrypted and new passwords, and accounts in both kinds of files."""

from __future__ import annotations

import pytest

from fixgate.config import load
from fixgate.session.authentication import Digest, Encoding, HmacSignature, Signed
from fixgate.session.logon_options import PLAIN_LOGON, AccountState, LogonOptions
from fixgate.session.settings import Credentials
from fixgate.session.status import StatusPolicy
from tests.config.helpers import SECRET, SESSION, config, gateway, mistakes, plan, write
from tests.net.test_ciphers import private, public
from tests.net.test_signatures import ED25519

CLIENT = """\
venue:
  comp_id: V
  sessions:
    - {begin_string: FIX.4.4, theirs: A%s}
"""


def test_nothing_is_asked_for_by_default(tmp_path):
    assert plan(tmp_path, SESSION).session.logon == PLAIN_LOGON
    assert gateway(tmp_path, CLIENT % "").sessions[0].session.logon == PLAIN_LOGON


def test_a_signature(tmp_path):
    text = SESSION + "    signature: {secret: '${env:KEY}'}\n"
    session = plan(tmp_path, text, KEY=SECRET).session
    assert session.logon == LogonOptions(signature=HmacSignature(SECRET))
    assert session.credentials is None
    assert SECRET not in repr(session)


def test_every_part_of_a_signature(tmp_path):
    text = SESSION + (
        "    signature: {secret: '${env:KEY}', fields: [SendingTime, Username], separator: none,\n"
        "      encoding: hex, digest: sha512, key: base64}\n"
    )
    assert plan(tmp_path, text, KEY="a2V5").session.logon.signature == HmacSignature(
        "a2V5", Signed((52, 553), b"", Encoding.HEX), Digest.SHA512, base64_key=True
    )


def test_with_a_signature_a_name_or_a_password_will_do(tmp_path):
    signed = SESSION + "    signature: {secret: '${env:KEY}'}\n"
    named = plan(tmp_path, signed + "    username: me\n", KEY="k").session
    assert named.credentials == Credentials("me", "")
    proven = plan(tmp_path, signed + "    password: ${env:KEY}\n", KEY="k").session
    assert proven.credentials == Credentials("", "k")


def test_a_client_must_sign(tmp_path):
    found = gateway(tmp_path, CLIENT % ", signature: {secret: '${env:KEY}'}", KEY=SECRET)
    assert found.sessions[0].session.logon.signature == HmacSignature(SECRET)


def test_a_signature_with_a_private_key(tmp_path):
    (tmp_path / "private.pem").write_bytes(ED25519.private)
    (tmp_path / "public.pem").write_bytes(ED25519.public)
    proof = "signature: {scheme: ed25519, key_file: %s, fields: [SendingTime, MsgSeqNum]}"
    ours = plan(tmp_path, SESSION + f"    {proof % 'private.pem'}\n").session.logon.signature
    found = gateway(tmp_path, CLIENT % f", {proof % 'public.pem'}")
    theirs = found.sessions[0].session.logon.signature
    assert ours is not None
    assert theirs is not None
    header = {52: b"20260302-09:00:00", 34: b"1"}
    assert theirs.right((header | dict(ours.fields(header.get))).get)
    text = SESSION + f"    {proof % 'public.pem'}\n"
    (mistake,) = mistakes(write(tmp_path, text), HOME="/users/me")
    assert "expected a PEM file with an Ed25519 private key" in mistake


def test_a_new_password(tmp_path):
    text = SESSION + "    username: me\n    password: ${env:OLD}\n    new_password: ${env:NEW}\n"
    session = plan(tmp_path, text, OLD="old", NEW=SECRET).session
    assert session.logon.new_password == SECRET
    assert SECRET not in repr(session)


def test_passwords_encrypted_from_both_sides(tmp_path):
    (tmp_path / "public.pem").write_bytes(public())
    (tmp_path / "private.pem").write_bytes(private())
    who = "username: me, password: '${env:PW}'"
    proof = "encrypted_password: {cipher: rsa-pkcs1, key: %s, method: 5, timestamp: true}"
    text = SESSION + "".join(
        f"    {line}\n" for line in ("username: me", "password: ${env:PW}", proof % "public.pem")
    )
    ours = plan(tmp_path, text, PW="pw").session.logon.cipher
    found = gateway(tmp_path, CLIENT % f", {who}, {proof % 'private.pem'}", PW="pw")
    theirs = found.sessions[0].session.logon.cipher
    assert ours is not None
    assert theirs is not None
    assert (ours.method, theirs.method) == (5, 5)
    header = {52: b"20260302-09:00:00"}
    assert theirs.open(ours.seal(b"pw", header.get), header.get) == b"pw"


def test_accounts_and_what_is_told(tmp_path):
    text = (CLIENT % ", account: locked").replace(
        "comp_id: V", "comp_id: V\n  session_status: standard"
    )
    found = gateway(tmp_path, text)
    assert found.sessions[0].session.logon == LogonOptions(
        account=AccountState.LOCKED, status=StatusPolicy.STANDARD
    )
    assert found.template.logon == LogonOptions(status=StatusPolicy.STANDARD)


@pytest.mark.parametrize(("written", "meant"), [("test", True), ("production", False)])
def test_test_sessions(tmp_path, written, meant):
    text = SESSION + f"    test_session: {written}\n"
    assert plan(tmp_path, text).session.logon == LogonOptions(test_session=meant)
    found = gateway(tmp_path, CLIENT % f", test_session: {written}")
    assert found.sessions[0].session.logon == LogonOptions(test_session=meant)


def test_before_4_3_there_is_no_test_session(tmp_path):
    text = SESSION.replace("FIX.4.4", "FIX.4.2") + "    test_session: test\n"
    assert mistakes(write(tmp_path, text), HOME="/users/me") == [
        "7:5: FIX.4.2 has no TestMessageIndicator(464) (leave it out)"
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("signature: {secret: hunter2}", "a secret is never written here"),
        ("signature: {}", "key 'secret' is missing"),
        ("signature: {scheme: ed25519}", "key 'key_file' is missing"),
        ("signature: {scheme: ed25519, key_file: x.pem}", "the key cannot be read: No such file"),
        ("signature: {scheme: caesar}", "expected hmac, ed25519 or an installed signature"),
        ("signature: {secret: '${env:KEY}', fields: []}", "expected at least one entry"),
        (
            "signature: {secret: '${env:KEY}', fields: [MsgSeqnum]}",
            "(did you mean 'MsgSeqNum'?)",
        ),
        ("signature: {secret: '${env:KEY}', key: base64}", "the secret is not base64"),
        ("signature: {secret: '${env:KEY}', digest: md5}", "expected sha256, sha384 or sha512"),
        ("new_password: hunter2", "a secret is never written here"),
        ("new_password: ['hunter2']", "a secret is never written here"),
        ("new_password: ${env:KEY}", "new_password needs the password that it replaces"),
        ("encrypted_password: {key: x.pem}", "encrypted_password needs a password"),
        ("username: me", "username needs a password"),
        ("password: ${env:KEY}", "password needs a username"),
    ],
)
def test_mistakes(tmp_path, written, told):
    found = mistakes(write(tmp_path, SESSION + f"    {written}\n"), KEY=SECRET, HOME="/users/me")
    assert told in found[0]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{key: absent.pem}", "the key cannot be read: No such file or directory"),
        ("{key: junk.pem}", "expected a PEM file with an RSA public key"),
        ("{}", "RSA needs a key"),
        ("{cipher: rsa-oap}", "expected rsa-oaep, rsa-pkcs1 or an installed cipher"),
        ("{method: 70000}", "expected a whole number from 0 to 65535"),
    ],
)
def test_mistakes_of_ciphers(tmp_path, written, told):
    write(tmp_path, "junk", "junk.pem")
    text = SESSION + "    username: me\n    password: ${env:KEY}\n"
    text += f"    encrypted_password: {written}\n"
    (mistake,) = mistakes(write(tmp_path, text), KEY=SECRET, HOME="/users/me")
    assert mistake.startswith("9:")
    assert told in mistake


def test_secrets_are_not_followed_where_they_cannot_be(tmp_path):
    text = SESSION + "    signature: {secret: '${env:ABSENT}', key: base64}\n"
    found = load(write(tmp_path, text), environ={"HOME": "/users/me"}, secrets=False)
    assert found.plans[0].session.logon.signature == HmacSignature("***", base64_key=True)


def test_private_keys_are_not_looked_for_where_they_cannot_be(tmp_path):
    proof = "signature: {scheme: ed25519, key_file: absent.pem}"
    found = load(
        write(tmp_path, SESSION + f"    {proof}\n"), environ={"HOME": "/users/me"}, secrets=False
    )
    assert found.plans[0].session.logon.signature is None
    who = "username: me, password: '${env:PW}', encrypted_password: {key: absent.pem}"
    load(write(tmp_path, CLIENT % f", {who}"), environ={}, secrets=False)


def test_a_private_key_that_others_can_read_is_a_warning(tmp_path):
    (tmp_path / "private.pem").write_bytes(ED25519.private)
    (tmp_path / "private.pem").chmod(0o644)
    proof = "signature: {scheme: ed25519, key_file: private.pem}"
    found = config(tmp_path, SESSION + f"    {proof}\n")
    assert [w.message for w in found.warnings] == [
        "the key can be read by others (mode 0644): chmod 600"
    ]
    (tmp_path / "private.pem").chmod(0o600)
    assert config(tmp_path, SESSION + f"    {proof}\n").warnings == ()

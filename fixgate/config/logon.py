"""What a Logon proves and carries; parts of the models of both kinds of files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fixgate.config import fields as f
from fixgate.config.base import Strict
from fixgate.config.parties import ClientParties, SessionParties
from fixgate.session.authentication import Digest, Encoding, Signed
from fixgate.session.logon_options import AccountState
from fixgate.session.status import StatusPolicy
from fixgate.wire.tags import Tag

__all__ = [
    "ClientLogon",
    "EncryptedPasswordModel",
    "SessionLogon",
    "SignatureModel",
    "SignedField",
    "StatusChoice",
]

_SIGNED = (
    "BeginString",
    "SendingTime",
    "MsgType",
    "MsgSeqNum",
    "SenderCompID",
    "SenderSubID",
    "TargetCompID",
    "TargetSubID",
    "Username",
    "Password",
)

SignedField = Annotated[int, f.choice({name: getattr(Tag, name) for name in _SIGNED})]
_Encoding = Annotated[Encoding, f.choice({e.value: e for e in Encoding})]
_Digest = Annotated[Digest, f.choice({d.value: d for d in Digest})]
_Separator = Annotated[bytes, f.choice({"soh": b"\x01", "none": b""})]
_Key = Annotated[bool, f.choice({"text": False, "base64": True})]
_World = Annotated[bool, f.choice({"test": True, "production": False})]
_Account = Annotated[AccountState, f.choice({s.value: s for s in AccountState})]
StatusChoice = Annotated[StatusPolicy, f.choice({p.value: p for p in StatusPolicy})]


class SignatureModel(Strict):
    """A signature over values of the Logon, in RawData(96)."""

    scheme: f.Name = Field(
        default="hmac", description="hmac (the default), ed25519 or an installed one."
    )
    secret: f.Secret | None = Field(
        default=None,
        repr=False,
        description="The key of an hmac, by reference: ${file:PATH}, ${env:NAME}.",
    )
    key_file: f.PathText | None = Field(
        default=None,
        description="PEM file for ed25519: of a session its private key, of a venue the client's "
        "public key.",
    )
    fields: Annotated[list[SignedField], Field(min_length=1)] = Field(
        default=list(Signed().tags),
        description="Whose values are signed, in order; by default SendingTime, MsgType, "
        "MsgSeqNum, SenderCompID, TargetCompID, Password.",
    )
    separator: _Separator = Field(
        default=b"\x01", description="Between two values: soh (the default) or none."
    )
    encoding: _Encoding = Field(
        default=Encoding.BASE64, description="base64 (the default), base64url or hex."
    )
    digest: _Digest = Field(
        default=Digest.SHA256, description="Of an hmac: sha256 (the default), sha384 or sha512."
    )
    key: _Key = Field(
        default=False, description="The secret is the key itself, 'text', or 'base64' of it."
    )


class EncryptedPasswordModel(Strict):
    """EncryptedPassword(1402) instead of Password(554)."""

    cipher: f.Name = Field(
        default="rsa-oaep", description="rsa-oaep (the default), rsa-pkcs1 or an installed one."
    )
    key: f.PathText | None = Field(
        default=None,
        description="PEM file: of a session the venue's public key, of a venue its private key.",
    )
    method: f.Method = Field(default=101, description="EncryptedPasswordMethod(1400); default 101.")
    timestamp: f.Bool = Field(
        default=False, description="Put the instant before the password, as YYYYMMDDHHMMSS."
    )


class _Proof(Strict):
    test_session: _World | None = Field(
        default=None,
        description="test or production: sent, or demanded, as TestMessageIndicator(464).",
    )
    signature: SignatureModel | None = Field(
        default=None, description="The Logon is signed in RawData(96)."
    )
    encrypted_password: EncryptedPasswordModel | None = Field(
        default=None, description="The password goes encrypted, in EncryptedPassword(1402)."
    )


class ClientLogon(ClientParties, _Proof):
    """What the Logon of a venue's client must prove."""

    account: _Account = Field(
        default=AccountState.ACTIVE,
        description="For rehearsals: active (the default), password_due_to_expire, "
        "password_expired or locked.",
    )


class SessionLogon(SessionParties, _Proof):
    """What the Logon of a session to check proves and asks for."""

    new_password: f.Secret | None = Field(
        default=None,
        repr=False,
        description="NewPassword(925) to ask for at the Logon, by reference. Each check asks "
        "again: take it out, and change the password, once the venue has agreed.",
    )

"""Signatures and ciphers of files into the hooks of sessions."""

from __future__ import annotations

import base64
import binascii
import stat
from typing import Protocol

from fixgate.config.builder import Builder
from fixgate.config.logon import EncryptedPasswordModel, SignatureModel
from fixgate.config.source import HIDDEN
from fixgate.config.yaml import Path
from fixgate.errors import EngineUnavailable
from fixgate.net.ciphers import load_cipher
from fixgate.net.signatures import installed_signature, load_ed25519
from fixgate.session.authentication import HmacSignature, PasswordCipher, Signature, Signed
from fixgate.session.logon_options import LogonOptions
from fixgate.session.settings import Credentials

__all__ = ["build_credentials", "build_proof"]


_WITHOUT_INDICATOR = ("FIX.4.0", "FIX.4.1", "FIX.4.2")


class _Proven(Protocol):
    """The parts of a session of either file that prove who logs on."""

    @property
    def begin_string(self) -> str: ...
    @property
    def test_session(self) -> bool | None: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password(self) -> str | None: ...
    @property
    def signature(self) -> SignatureModel | None: ...
    @property
    def encrypted_password(self) -> EncryptedPasswordModel | None: ...


def build_credentials(model: _Proven, path: Path, builder: Builder) -> Credentials | None:
    """Return what a Logon carries; with a signature, one of username and password will do."""
    if model.signature is None or (model.username is None and model.password is None):
        return builder.credentials(path, model.username, model.password)
    return Credentials(model.username or "", model.password or "")


def build_proof(model: _Proven, path: Path, builder: Builder, *, private: bool) -> LogonOptions:
    """Return how a Logon is signed and its password encrypted.

    Args:
        model: The session.
        path: Where it is written.
        builder: Takes the mistakes.
        private: The side that decrypts.
    """
    signature = _signature(model.signature, (*path, "signature"), builder, private=not private)
    cipher = None
    if model.encrypted_password is not None:
        place = (*path, "encrypted_password")
        if model.password is None:
            builder.draft.report(place, "encrypted_password needs a password", at_key=True)
        cipher = _cipher(model.encrypted_password, place, builder, private=private)
    if model.test_session is not None and model.begin_string in _WITHOUT_INDICATOR:
        message = f"{model.begin_string} has no TestMessageIndicator(464)"
        builder.draft.report((*path, "test_session"), message, "leave it out", at_key=True)
    return LogonOptions(signature=signature, cipher=cipher, test_session=model.test_session)


def _signature(
    model: SignatureModel | None, path: Path, builder: Builder, *, private: bool
) -> Signature | None:
    if model is None:
        return None
    signed = Signed(tuple(model.fields), model.separator, model.encoding)
    if model.scheme == "hmac":
        return _hmac(model, signed, path, builder)
    at = (*path, "scheme" if model.key_file is None else "key_file")
    try:
        key = _key(model.key_file, at, builder, private=private)
        if key is None and model.key_file is not None:
            return None
        if model.scheme != "ed25519":
            return installed_signature(model.scheme, model.secret, key)
        if key is not None:
            return load_ed25519(key, signed, private=private)
        builder.draft.report_missing(path, ["key_file"])
    except (ValueError, EngineUnavailable) as error:
        builder.draft.report(at, str(error))
    return None


def _hmac(
    model: SignatureModel, signed: Signed, path: Path, builder: Builder
) -> HmacSignature | None:
    if model.secret is None:
        builder.draft.report_missing(path, ["secret"])
        return None
    if model.key and model.secret != HIDDEN:
        try:
            base64.b64decode(model.secret, validate=True)
        except binascii.Error:
            builder.draft.report((*path, "secret"), "the secret is not base64", "key: text")
            return None
    return HmacSignature(model.secret, signed, model.digest, base64_key=model.key)


def _cipher(
    model: EncryptedPasswordModel, path: Path, builder: Builder, *, private: bool
) -> PasswordCipher | None:
    at = path if model.key is None else (*path, "key")
    try:
        key = _key(model.key, at, builder, private=private)
        if key is None and model.key is not None:
            return None
        return load_cipher(
            model.cipher, key, method=model.method, stamped=model.timestamp, private=private
        )
    except (ValueError, EngineUnavailable) as error:
        builder.draft.report(at, str(error))
    return None


def _key(name: str | None, path: Path, builder: Builder, *, private: bool) -> bytes | None:
    """Return the bytes of a key file, ``None`` for none; a private one is a secret."""
    if name is None or (private and not builder.draft.secrets):
        return None
    file = builder.folder(name)
    try:
        key = file.read_bytes()
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError as error:
        raise ValueError(f"the key cannot be read: {error.strerror}") from error
    if private and mode & 0o077:
        builder.draft.warn(path, f"the key can be read by others (mode {mode:04o}): chmod 600")
    return key

"""``${env:NAME}`` in any value, and the four places a password may be kept in.

A reference is resolved once: what it stands for is never looked into again, so references cannot
run in circles, and a secret that contains ``${`` stays what it is.
"""

from __future__ import annotations

import importlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from fixgate.config.source import shown

__all__ = ["HOW_SECRET", "MAX_SECRET_BYTES", "References"]

MAX_SECRET_BYTES = 64 * 1024

_ANY = re.compile(r"\$?\$\{(?P<body>[^{}]*)\}")
_SECRET = re.compile(r"\$\{(?P<kind>[a-z]+):(?P<name>[^{}]*)\}")
_KINDS = ("file", "env", "cred", "keyring")
HOW_SECRET = (
    "a secret is never written here: use ${file:PATH}, ${env:NAME}, ${cred:NAME} "
    "or ${keyring:SERVICE/USER}"
)


class References:
    """Resolves the references of one file.

    Args:
        folder: Where relative paths start.
        environ: The environment to read.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ

    def expand(self, text: str) -> str:
        """Return ``text`` with each ``${env:NAME}`` replaced; ``$${`` stands for ``${``.

        Raises:
            ValueError: A variable is not set, or another kind of reference is used.
        """

        def value(found: re.Match[str]) -> str:
            if found[0].startswith("$$"):
                return found[0][1:]
            kind, _, name = found["body"].partition(":")
            if kind != "env":
                raise ValueError("only ${env:NAME} can be used here; write '$${' for a plain '${'")
            return self._env(name)

        return _ANY.sub(value, text)

    def secret(self, text: str) -> tuple[str, str]:
        """Return the secret that ``text`` refers to, and a warning about where it is kept.

        Raises:
            ValueError: ``text`` is no reference, or it leads nowhere. Never shows a secret.
        """
        self.check_secret(text)
        found = _SECRET.fullmatch(text)
        assert found is not None  # check_secret has seen it
        name, warning = found["name"], ""
        match found["kind"]:
            case "file":
                value, warning = self._file(self._folder / os.path.expanduser(name))
            case "env":
                value = self._env(name)
            case "cred":
                value, _ = self._file(self._credential(name))
            case _:
                value = _keyring(name)
        if not value:
            raise ValueError("the secret is empty")
        if not value.isprintable():
            raise ValueError("the secret holds a line end or control character")
        return value, warning

    def check_secret(self, text: str) -> None:
        """Check that ``text`` is a reference, without following it.

        Raises:
            ValueError: It is the secret itself, or a reference of no known kind.
        """
        found = _SECRET.fullmatch(text)
        if found is None or found["kind"] not in _KINDS:
            raise ValueError(HOW_SECRET)
        if not found["name"]:
            raise ValueError(f"the reference ${{{found['kind']}:}} names nothing")

    def _env(self, name: str) -> str:
        value = self._environ.get(name)
        if value is None:
            raise ValueError(f"environment variable {name or '(no name)'} is not set")
        return value

    def _credential(self, name: str) -> Path:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if folder is None:
            raise ValueError(
                "CREDENTIALS_DIRECTORY is not set: ${cred:...} needs a systemd unit with "
                "LoadCredential="
            )
        if "/" in name or name.startswith("."):
            raise ValueError("expected the plain name of a credential, without a path")
        return Path(folder) / name

    @staticmethod
    def _file(path: Path) -> tuple[str, str]:
        where = shown(str(path))
        try:
            # A FIFO or a device must never be opened: it may block, or never end.
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise ValueError(f"{where} is not a regular file")
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise ValueError(f"{where} is not a regular file")
                data = file.read(MAX_SECRET_BYTES + 1)
        except OSError as error:
            raise ValueError(f"{where} cannot be read: {error.strerror}") from error
        if len(data) > MAX_SECRET_BYTES:
            raise ValueError(f"{where} is larger than 64 KiB: not a secret")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            # Its own text would show bytes of the secret.
            raise ValueError(f"{where} is not UTF-8 text") from None
        text = text.removesuffix("\n").removesuffix("\r")
        mode = stat.S_IMODE(status.st_mode)
        if not mode & 0o077:
            return text, ""
        return text, f"{where} can be read by others (mode {mode:04o}): chmod 600"


def _keyring(name: str) -> str:
    service, slash, user = name.rpartition("/")
    if not (slash and service and user):
        raise ValueError("expected ${keyring:SERVICE/USER}")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise ValueError(
            "${keyring:...} needs the package 'keyring': pip install keyring"
        ) from None
    # A backend may raise anything, and its text may hold anything.
    try:
        value = keyring.get_password(service, user)
    except Exception as error:
        raise ValueError(f"the keyring failed: {type(error).__name__}") from None
    if not isinstance(value, str):
        raise ValueError(f"the keyring has no password of {shown(user)} for {shown(service)}")
    return value

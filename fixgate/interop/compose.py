"""From fields to a message of QuickFIX's, its repeating groups where they belong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from fixgate.dictionary.version import FixVersion
from fixgate.errors import FixgateError
from fixgate.interop.protocol import Fields
from fixgate.wire.checksum import checksum
from fixgate.wire.frame import decode
from fixgate.wire.message import Message

if TYPE_CHECKING:
    import quickfix

__all__ = ["Composer", "body_fields", "dictionary_files"]

_HEAD_FIELDS = 3
"""BeginString, BodyLength, MsgType."""


def body_fields(body: bytes) -> Fields:
    """Return encoded body fields one by one, values one character a byte.

    Args:
        body: ``tag=value<SOH>`` each; a data field may hold SOH.

    Raises:
        FixgateError: It is not that.
    """
    message = b"8=FIX.4.4\x019=%d\x0135=D\x01%b" % (len(body) + 5, body)
    read = decode(message + b"10=%03d\x01" % checksum(message))
    if not isinstance(read, Message):
        raise FixgateError(f"not the body of a message: {read.text}")
    fields = list(read.fields())[_HEAD_FIELDS:-1]
    return tuple((tag, value.decode("latin-1")) for tag, value in fields)


def dictionary_files(folder: Path, version: FixVersion) -> tuple[Path, ...]:
    """Return the file of a version's dictionary; for FIXT.1.1 that of the session before it."""
    application = folder / f"{version.value.replace('.', '')}.xml"
    return (folder / "FIXT11.xml", application) if version.is_fixt else (application,)


class Composer:
    """Makes messages for QuickFIX to send.

    Without a dictionary QuickFIX knows no groups; their fields would come out sorted by tag.

    Args:
        qf: The binding.
        folder: The folder of the dictionaries, or ``None``; read now.
        versions: Of the sessions.
    """

    def __init__(self, qf: ModuleType, folder: Path | None, versions: Iterable[FixVersion]) -> None:
        self._qf = qf
        self._dictionaries: dict[FixVersion, tuple[quickfix.DataDictionary, ...]] = {}
        if folder is None:
            return
        for version in versions:
            files = dictionary_files(folder, version)
            self._dictionaries[version] = tuple(qf.DataDictionary(str(file)) for file in files)

    def message(self, version: FixVersion, msg_type: str, fields: Fields) -> quickfix.Message:
        """Return a message; QuickFIX fills in the rest of its header when it is sent.

        Args:
            version: Of the session.
            msg_type: MsgType(35).
            fields: In order; values one character a byte.

        Raises:
            FixgateError: QuickFIX's binding cannot carry it.
        """
        parts = [f"8={version.begin_string}", "9=0", f"35={msg_type}"]
        parts += [f"{tag}={value}" for tag, value in fields]
        raw = "\x01".join([*parts, "10=000", ""]).encode("latin-1")
        try:
            text = raw.decode("utf-8")
            return self._qf.Message(text, *self._dictionaries.get(version, ()), False)
        except UnicodeDecodeError as error:
            text = f"MsgType(35) {msg_type} holds bytes that are not UTF-8"
            raise FixgateError(f"QuickFIX's binding cannot carry them: {text}") from error
        except self._qf.Exception as error:
            raise FixgateError(f"QuickFIX does not take MsgType(35) {msg_type}: {error}") from error

"""What a store keeps of a message that carries a secret.

A Logon is never sent again, so its copy need not be whole; a journal is read by support, copied
and kept for years.
"""

from __future__ import annotations

from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["conceal"]

_SECRETS = (
    Tag.Password,
    Tag.NewPassword,
    Tag.RawData,
    Tag.EncryptedPassword,
    Tag.EncryptedNewPassword,
)


def conceal(raw: bytes) -> bytes:
    """Return a message with every secret in it overwritten, its length unchanged.

    BodyLength(9) stays right; CheckSum(10) does not.
    """
    message = decode(raw)
    if not isinstance(message, Message):
        return raw
    for tag in _SECRETS:
        value = message.get(tag)
        if value:
            found = b"\x01%d=%b\x01" % (tag, value)
            raw = raw.replace(found, b"\x01%d=%b\x01" % (tag, b"*" * len(value)))
    return raw

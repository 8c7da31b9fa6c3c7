"""What a store keeps of a message that carries a secret.

A Logon of ours is never sent again, and what a peer sent is not ours to send, so the copy need not
be whole; a journal is read by support, copied and kept for years.
"""

from __future__ import annotations

import re

from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["conceal", "concealed"]

_SECRETS = frozenset(
    {Tag.Password, Tag.NewPassword, Tag.EncryptedPassword, Tag.EncryptedNewPassword}
)
_SECRETS_OF_A_LOGON = _SECRETS | {Tag.RawData}  # a signature; elsewhere it is what somebody says
_LIKELY = re.compile(rb"\x01(?:554|925|1402|1404|35=A\x01)")


def conceal(raw: bytes) -> bytes:
    """Return a message with every secret in it overwritten, its length unchanged.

    BodyLength(9) stays right; CheckSum(10) does not. What is no message is returned as it is.
    """
    if _LIKELY.search(raw) is None:
        return raw
    message = decode(raw)
    return concealed(message) if isinstance(message, Message) else raw


def concealed(message: Message) -> bytes:
    """Return the bytes of a message that has been read, as `conceal` does."""
    secrets = _SECRETS_OF_A_LOGON if message.msg_type == MsgType.Logon else _SECRETS
    if secrets.isdisjoint(message.tags):
        return message.raw
    shown = (
        (tag, b"*" * len(value) if tag in secrets else value) for tag, value in message.fields()
    )
    return b"".join(b"%d=%b\x01" % field for field in shown)

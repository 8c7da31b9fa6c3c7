"""FIX messages as people write them: ``|`` for SOH. Knows nothing of fixgate's own encoder."""

from __future__ import annotations

__all__ = ["fix", "soh"]


def soh(text: str | bytes) -> bytes:
    """Return ``text`` with every ``|`` turned into SOH; nothing is added."""
    data = text.encode("latin-1") if isinstance(text, str) else text
    return data.replace(b"|", b"\x01")


def fix(body: str | bytes, begin: str = "FIX.4.4") -> bytes:
    """Return the whole message of a body such as ``35=0|34=2|49=A``.

    BeginString(8), BodyLength(9) and CheckSum(10) are added, and the last SOH of the body where
    it is missing.
    """
    data = soh(body)
    if not data.endswith(b"\x01"):
        data += b"\x01"
    head = f"8={begin}\x019={len(data)}\x01".encode() + data
    return head + f"10={sum(head) % 256:03}\x01".encode()

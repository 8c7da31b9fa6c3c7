"""Messages as people may see them: printable, without secrets.

The one formatter between the bytes of a peer and a terminal, a log or a report. It takes garbled
bytes too, so it trusts nothing but what it sees: where the end of a secret is in doubt, the rest
is hidden.
"""

from __future__ import annotations

import re

__all__ = ["mask"]

# Password(554), NewPassword(925), RawData(96), EncryptedPassword(1402),
# EncryptedNewPassword(1404).
_SECRET = re.compile(rb"\x01(554|925|96|1402|1404)=")
_NEXT_FIELD = re.compile(rb"\x01(?=-?[0-9]{1,9}=)")
_LENGTH_BEFORE = {
    b"96": re.compile(rb"(?:\x01|\A)95=([0-9]{1,9})\x01\Z"),
    b"1402": re.compile(rb"(?:\x01|\A)1401=([0-9]{1,9})\x01\Z"),
    b"1404": re.compile(rb"(?:\x01|\A)1403=([0-9]{1,9})\x01\Z"),
}
# No length field is longer than SOH, "1401=", nine digits and SOH.
_LENGTH_FIELD_BYTES = 17
_HIDDEN = b"***"

_ESCAPED = {n: f"\\x{n:02x}" for n in (*range(0x20), *range(0x7F, 0xA0))}


def mask(raw: bytes) -> str:
    r"""Return bytes as printable text without secrets.

    SOH becomes ``|``; every other control character (C0, DEL, C1) becomes ``\xNN``; the values
    of Password(554), NewPassword(925), RawData(96), EncryptedPassword(1402) and
    EncryptedNewPassword(1404) become ``***``. Never raises, whatever the bytes.

    Args:
        raw: A message, a part of one, or garbage. A part has to begin between two fields, or a
            value that it begins in cannot be recognised.
    """
    # A part may begin with the tag of a secret: every tag then follows an SOH.
    led = b"\x01" + raw
    found = _SECRET.search(led)
    if found is not None:
        led = _hide(led, found)
    text = led[1:].replace(b"\x01", b"|").decode("latin-1")
    return text if text.isprintable() else text.translate(_ESCAPED)


def _hide(raw: bytes, found: re.Match[bytes] | None) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while found is not None:
        pieces += (raw[at : found.end()], _HIDDEN)
        at = _end_of_secret(raw, found)
        # The SOH that ends this secret is what the next one must follow.
        found = _SECRET.search(raw, at)
    pieces.append(raw[at:])
    return b"".join(pieces)


def _end_of_secret(raw: bytes, found: re.Match[bytes]) -> int:
    start = found.end()
    following = _NEXT_FIELD.search(raw, start)
    plain_end = len(raw) if following is None else following.start()
    length_before = _LENGTH_BEFORE.get(found[1])
    if length_before is None:
        # A password cannot hold SOH, so that what follows is garbage that may still be its rest.
        return plain_end
    measured = length_before.search(
        raw[max(0, found.start() - _LENGTH_FIELD_BYTES) : found.start()]
    )
    if measured is None:
        return plain_end
    stop = start + int(measured[1])
    if raw[stop : stop + 1] == b"\x01":
        return stop
    return len(raw)

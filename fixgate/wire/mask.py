"""Messages as people may see them: printable, without secrets.

The one formatter between the bytes of a peer and a terminal, a log or a report. It takes garbled
bytes too, so it trusts nothing but what it sees: where the end of a secret is in doubt, the rest
is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["SHORTEST_SECRET", "Blotter", "mask"]

# Password(554), NewPassword(925), RawData(96), EncryptedPassword(1402),
# EncryptedNewPassword(1404).
_SECRET_STARTS = (b"554=", b"925=", b"96=", b"1402=", b"1404=")
_SECRET = re.compile(rb"(554|925|96|1402|1404)=")
_NEXT_FIELD = re.compile(rb"\x01(?=-?[0-9]{1,9}=|\Z)")
_LENGTH_BEFORE = {
    b"96": re.compile(rb"\x0195=([0-9]{1,9})\x01\Z"),
    b"1402": re.compile(rb"\x011401=([0-9]{1,9})\x01\Z"),
    b"1404": re.compile(rb"\x011403=([0-9]{1,9})\x01\Z"),
}
# The longest length field: SOH, "1401=", nine digits and SOH.
_LENGTH_FIELD_BYTES = 16
_HIDDEN = b"***"

SHORTEST_SECRET = 4
"""Characters. A shorter one is too common a string to be blotted out of every text."""

_BEGINNING = 12  # characters that are enough to know a longer secret by

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
    if any(start in raw for start in _SECRET_STARTS):
        raw = _hide(raw)
    text = raw.replace(b"\x01", b"|").decode("latin-1")
    return text if text.isprintable() else text.translate(_ESCAPED)


def _hide(raw: bytes) -> bytes:
    # With an SOH in front, the first field is like any other.
    raw = b"\x01" + raw
    pieces: list[bytes] = []
    done = at = 0
    while (found := _SECRET.search(raw, at)) is not None:
        at = found.end()
        if not _in_longer_tag(raw, found.start()):
            pieces += (raw[done:at], _HIDDEN)
            done = at = _end_of_secret(raw, found)
    pieces.append(raw[done:])
    return b"".join(pieces)[1:]


def _in_longer_tag(raw: bytes, start: int) -> bool:
    # "1554=" is another field. Anything else in front may be an SOH that was corrupted.
    return raw[raw.rfind(b"\x01", 0, start) + 1 : start].isdigit()


def _end_of_secret(raw: bytes, found: re.Match[bytes]) -> int:
    following = _NEXT_FIELD.search(raw, found.end())
    end = len(raw) if following is None else following.start()
    length_before = _LENGTH_BEFORE.get(found[1])
    if length_before is None:
        return end
    start = found.start()
    measured = length_before.search(raw[max(0, start - _LENGTH_FIELD_BYTES) : start])
    if measured is None:
        return end
    stop = found.end() + int(measured[1])
    return stop if _NEXT_FIELD.match(raw, stop) else len(raw)


class Blotter:
    """Blots known secrets out of texts, whatever field or sentence they stand in.

    Long values are cut where they are shown, so the beginning of a secret counts for the whole.

    Args:
        secrets: What must not show; those shorter than `SHORTEST_SECRET` are passed over.
    """

    __slots__ = ("_known",)

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def blot(self, text: str) -> str:
        """Return ``text`` with ``***`` for every secret in it."""
        return self._known.sub("***", text)


def _forms(secret: str) -> Iterable[str]:
    """Yield how a secret may be written: bytes are shown as Latin-1, values with their escapes."""
    if len(secret) < SHORTEST_SECRET:
        return
    for text in (secret, secret.encode("utf-8", "surrogateescape").decode("latin-1")):
        for shown in (text, repr(text)[1:-1]):
            yield shown
            yield from (shown[:end] for end in range(_BEGINNING, len(shown)))

"""What an X.509 certificate says: whose it is, by whom, until when, and which key it is for.

The standard library decodes a certificate only once it has been verified; the ones that matter
most to a checker are those that were not. This reads the six fields it needs from the DER.

Spec: RFC 5280, 4.1 (certificate fields) and 4.2.1.6 (subject alternative name); RFC 7469, 2.4
(pins).
"""

from __future__ import annotations

import ipaddress
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

__all__ = ["CertificateFacts", "read_certificate"]

_OID, _UTC_TIME, _EXPLICIT_0, _EXTENSIONS = 0x06, 0x17, 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_MAIL, _URI = 0x81, 0x86
_SUBJECT_ALT_NAME = b"\x55\x1d\x11"
_ATTRIBUTES = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
}
_DAY_NS = 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The facts of one certificate.

    Attributes:
        subject: Whose it is, such as ``O=Venue, CN=fix.venue.example``.
        issuer: Who signed it.
        not_before_ns: Valid from, nanoseconds since the epoch, UTC.
        not_after_ns: Valid until, nanoseconds since the epoch, UTC.
        names: The host names and addresses that it is for.
        other_names: The URIs and mail addresses that it is for.
        common_names: The common names of its subject, as a rule one.
        fingerprint: SHA-256 of the whole certificate, ``0A:FF:...``.
        pin: SHA-256 of its public key, ``sha256/BASE64=``: what stays when it is renewed for the
            same key.
    """

    subject: str
    issuer: str
    not_before_ns: int
    not_after_ns: int
    names: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    common_names: tuple[str, ...] = ()
    fingerprint: str = ""
    pin: str = ""

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer."""
        return self.subject == self.issuer

    def days_left(self, now_ns: int) -> int:
        """Return whole days until it expires, negative when it has."""
        return (self.not_after_ns - now_ns) // _DAY_NS

    def is_for(self, host: str) -> bool:
        """Whether it is for ``host``.

        Spec: RFC 6125, 6.4.3: a wildcard stands for one whole leftmost label.
        """
        wanted = host.rstrip(".").lower()
        _, dot, parent = wanted.partition(".")
        wildcard = f"*.{parent}" if dot else ""
        return any(name.lower() in (wanted, wildcard) for name in self.names)


def read_certificate(der: bytes) -> CertificateFacts | None:
    """Return the facts of a certificate, or ``None`` when the bytes are not one.

    Args:
        der: The certificate in DER.
    """
    try:
        return _read(der)
    except (ValueError, IndexError, StopIteration):
        return None


def _read(der: bytes) -> CertificateFacts:
    _, certificate, whole = next(_elements(der))
    _, signed = next(_items(certificate))
    # Without the version: serial number, signature algorithm, issuer, validity, subject, key.
    fields = [field for field in _elements(signed) if field[0] != _EXPLICIT_0]
    begin, end = _items(fields[3][1])
    extensions = [value for tag, value, _ in fields[6:] if tag == _EXTENSIONS]
    alt_names = tuple(_alt_names(extensions[0])) if extensions else ()
    return CertificateFacts(
        subject=_name(fields[4][1]),
        issuer=_name(fields[2][1]),
        not_before_ns=_instant(*begin),
        not_after_ns=_instant(*end),
        names=tuple(name for tag, name in alt_names if tag in (_DNS_NAME, _IP_ADDRESS)),
        other_names=tuple(name for tag, name in alt_names if tag in (_MAIL, _URI)),
        common_names=tuple(_common_names(fields[4][1])),
        fingerprint=sha256(whole).digest().hex(":").upper(),
        pin=f"sha256/{b64encode(sha256(fields[5][2]).digest()).decode('ascii')}",
    )


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element."""
    for tag, content, _ in _elements(data):
        yield tag, content


def _elements(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield tag and content of each element, and all of it."""
    position = 0
    while position < len(data):
        begin, tag, length = position, data[position], data[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[position : position + size], "big")
            position += size
        end = position + length
        if end > len(data):
            raise ValueError("length past the end")
        yield tag, data[position:end], data[begin:end]
        position = end


def _attributes(name: bytes) -> Iterator[tuple[str, str]]:
    """Yield label and text of the attributes of a distinguished name that have a label."""
    for _, relative in _items(name):
        for _, attribute in _items(relative):
            (_, oid), (_, value) = _items(attribute)
            if label := _ATTRIBUTES.get(oid):
                yield label, value.decode("utf-8", "replace")


def _common_names(name: bytes) -> Iterator[str]:
    return (text for label, text in _attributes(name) if label == "CN")


def _name(data: bytes) -> str:
    return ", ".join(
        f"{label}={''.join(c if c.isprintable() else '?' for c in text)}"
        for label, text in _attributes(data)
    )


def _instant(tag: int, value: bytes) -> int:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        # Spec: RFC 5280, 4.1.2.5.1: YY from 50 on is 19YY.
        text = ("19" if text[:2] >= "50" else "20") + text
    parsed = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(parsed.timestamp()) * 1_000_000_000


def _alt_names(extensions: bytes) -> Iterator[tuple[int, str]]:
    """Yield kind and text of each name that a certificate is for."""
    _, sequence = next(_items(extensions))
    for _, extension in _items(sequence):
        oid, *_, (_, wrapped) = _items(extension)
        if oid != (_OID, _SUBJECT_ALT_NAME):
            continue
        _, names = next(_items(wrapped))
        for tag, value in _items(names):
            if tag == _IP_ADDRESS:
                yield tag, str(ipaddress.ip_address(value))
            elif tag in (_DNS_NAME, _MAIL, _URI):
                yield tag, value.decode("ascii", "replace")

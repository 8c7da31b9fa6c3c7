"""What an X.509 certificate says: whose it is, by whom, and until when.

The standard library decodes a certificate only once it has been verified; the ones that matter
most to a checker are those that were not. This reads the five fields it needs from the DER.

Spec: RFC 5280, 4.1 (certificate fields) and 4.2.1.6 (subject alternative name).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["CertificateFacts", "read_certificate"]

_OID, _UTC_TIME, _EXPLICIT_0, _EXTENSIONS = 0x06, 0x17, 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
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
    """

    subject: str
    issuer: str
    not_before_ns: int
    not_after_ns: int
    names: tuple[str, ...] = ()

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
    _, certificate = next(_items(der))
    _, signed = next(_items(certificate))
    fields = [(tag, value) for tag, value in _items(signed) if tag != _EXPLICIT_0]
    # Without the version: serial number, signature algorithm, issuer, validity, subject, key.
    begin, end = _items(fields[3][1])
    extensions = [value for tag, value in fields[5:] if tag == _EXTENSIONS]
    return CertificateFacts(
        subject=_name(fields[4][1]),
        issuer=_name(fields[2][1]),
        not_before_ns=_instant(*begin),
        not_after_ns=_instant(*end),
        names=tuple(_alt_names(extensions[0])) if extensions else (),
    )


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        tag, length = data[position], data[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[position : position + size], "big")
            position += size
        if not length <= len(data) - position:
            raise ValueError("length past the end")
        yield tag, data[position : position + length]
        position += length


def _name(data: bytes) -> str:
    parts = []
    for _, relative in _items(data):
        for _, attribute in _items(relative):
            (_, oid), (_, value) = _items(attribute)
            label = _ATTRIBUTES.get(oid)
            if label is not None:
                text = value.decode("utf-8", "replace")
                parts.append(f"{label}={''.join(c if c.isprintable() else '?' for c in text)}")
    return ", ".join(parts)


def _instant(tag: int, value: bytes) -> int:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        # Spec: RFC 5280, 4.1.2.5.1: YY from 50 on is 19YY.
        text = ("19" if text[:2] >= "50" else "20") + text
    parsed = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(parsed.timestamp()) * 1_000_000_000


def _alt_names(extensions: bytes) -> Iterator[str]:
    _, sequence = next(_items(extensions))
    for _, extension in _items(sequence):
        oid, *_, (_, wrapped) = _items(extension)
        if oid != (_OID, _SUBJECT_ALT_NAME):
            continue
        _, names = next(_items(wrapped))
        for tag, value in _items(names):
            if tag == _DNS_NAME:
                yield value.decode("ascii", "replace")
            elif tag == _IP_ADDRESS:
                yield str(ipaddress.ip_address(value))

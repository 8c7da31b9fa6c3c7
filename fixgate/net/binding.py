"""Which certificate belongs to which client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixgate.net.certificate import CertificateFacts

__all__ = ["CertificateRule"]


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """What a client's certificate must be; all that is given must hold.

    Whether the certificate is genuine is for TLS to find out: names mean something only when an
    authority that the port trusts has put them there.

    Attributes:
        fingerprints: It has one of these; as in `CertificateFacts`.
        pins: Its public key is one of these; likewise.
        common_name: The only common name of its subject.
        alt_name: One of the host names, addresses, URIs and mail addresses that it is for.
    """

    fingerprints: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    common_name: str = ""
    alt_name: str = ""

    def objection(self, shown: CertificateFacts | None) -> str | None:
        """Return what was shown and what was expected, ``None`` when all is right."""
        if shown is None:
            return f"received no certificate, expected {', '.join(self._expected())}"
        names = {name.casefold() for name in (*shown.names, *shown.other_names)}
        right = (
            (not self.fingerprints or shown.fingerprint in self.fingerprints)
            and (not self.pins or shown.pin in self.pins)
            and (not self.common_name or shown.common_names == (self.common_name,))
            and (not self.alt_name or self.alt_name.casefold() in names)
        )
        if right:
            return None
        return f"received {_seen(shown)}, expected {', '.join(self._expected())}"

    def _expected(self) -> Iterator[str]:
        if self.fingerprints:
            yield f"fingerprint {' or '.join(self.fingerprints)}"
        if self.pins:
            yield f"key {' or '.join(self.pins)}"
        if self.common_name:
            yield f"common name '{self.common_name}'"
        if self.alt_name:
            yield f"alternative name '{self.alt_name}'"


def _seen(shown: CertificateFacts) -> str:
    names = ", ".join((*shown.names, *shown.other_names))
    what = f"subject '{shown.subject}'" + (f" for {names}" if names else "")
    return f"{what}, fingerprint {shown.fingerprint}, key {shown.pin}"

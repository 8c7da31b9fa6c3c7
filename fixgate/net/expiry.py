"""Says in a venue's log which certificates have not long to go: its own, and those of clients."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from fixgate.net.certificate import CertificateFacts
from fixgate.net.pem import read_chain
from fixgate.net.settings import ListenSettings

__all__ = ["ClientExpiries", "warn_of_own"]

_log = logging.getLogger("fixgate.gateway")


def warn_of_own(ports: Iterable[ListenSettings], now_ns: int) -> None:
    """Log which certificates of a venue's ports expire soon, or have expired.

    An expired one is no reason to stop: a venue whose certificate has expired is something that
    clients have to be tried against.

    Args:
        ports: Their certificates have been loaded.
        now_ns: Now.
    """
    for port in ports:
        if port.tls is None:
            continue
        for facts in read_chain(port.tls.certificate):
            if (when := _soon(facts, now_ns, port.tls.warn_days)) is not None:
                text = "! the certificate '%s' of %s %s"
                _log.warning(text, facts.subject, port.address, when)


class ClientExpiries:
    """Tells once of each client's certificate that it expires soon."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def look(self, name: str, facts: CertificateFacts, warn_days: int, now_ns: int) -> None:
        """Log that a certificate with which a client has logged on expires soon.

        Args:
            name: The client.
            facts: The certificate.
            warn_days: What is soon.
            now_ns: Now.
        """
        when = _soon(facts, now_ns, warn_days)
        if when is not None and self._told.get(name) != facts.fingerprint:
            self._told[name] = facts.fingerprint
            _log.warning("! %s: its certificate '%s' %s", name, facts.subject, when)


def _soon(facts: CertificateFacts, now_ns: int, warn_days: int) -> str | None:
    """Return when a certificate expires, ``None`` when that is far off."""
    left = facts.days_left(now_ns)
    if left > warn_days:
        return None
    day = f"{datetime.fromtimestamp(facts.not_after_ns // 1_000_000_000, UTC):%Y-%m-%d}"
    if left < 0:
        return f"has expired on {day}"
    in_days = "today" if left == 0 else f"in {left} day{'' if left == 1 else 's'}"
    return f"expires on {day}, {in_days}"

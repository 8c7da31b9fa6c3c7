"""The causes that lie before FIX: the host's name, the TCP connection, the TLS handshake."""

from __future__ import annotations

from fixgate.health.cause import Cause
from fixgate.health.model import Layer, Severity

__all__ = ["NETWORK", "TLS"]

_FAILURE, _WARNING = Severity.FAILURE, Severity.WARNING

NETWORK = {
    "dns": Cause(
        Layer.NETWORK,
        _FAILURE,
        "Check the host's spelling in the session file and this host's resolver "
        "(getent hosts NAME); use the venue's address until the name works again.",
    ),
    "refused": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Check the port in the session file against the venue's connectivity sheet; if it is "
        "right, ask the venue whether the gateway is up: nothing listens there now.",
    ),
    "unreachable": Cause(
        Layer.NETWORK,
        _FAILURE,
        "Check the route to the venue (ip route get ADDRESS), the line or VPN, and the firewall; "
        "call the carrier if other venues on the same line are gone as well.",
    ),
    "connect-timeout": Cause(
        Layer.NETWORK,
        _FAILURE,
        "Check that a firewall on either side lets this host reach that port, and that the venue "
        "has this host's address on its allow-list: packets are dropped without an answer.",
    ),
    "local-socket": Cause(
        Layer.HOST,
        _FAILURE,
        "Check this host's limits (ulimit -n), its local addresses and its permissions.",
    ),
    "closed-at-connect": Cause(
        Layer.GATEWAY,
        _FAILURE,
        "Ask the venue whether this host's address is on its allow-list and whether the gateway's "
        "back end is up; check whether the port expects TLS.",
    ),
    "store-unusable": Cause(
        Layer.HOST,
        _FAILURE,
        "Stop the other process that uses this store, or restore the store from its backup; do "
        "not delete it: the venue still counts on from the numbers in it.",
    ),
}

TLS = {
    "tls-expired": Cause(
        Layer.TLS,
        _FAILURE,
        "Ask the venue for its renewed certificate and check this host's clock; do not switch "
        "verification off.",
    ),
    "tls-not-yet-valid": Cause(
        Layer.TLS,
        _FAILURE,
        "Check this host's clock first (chronyc tracking); if it is right, tell the venue that "
        "its certificate is not valid yet.",
    ),
    "tls-untrusted": Cause(
        Layer.TLS,
        _FAILURE,
        "Get the venue's certificate authority from the venue and name its PEM file as tls.ca in "
        "the session file; compare the fingerprint by telephone.",
    ),
    "tls-hostname": Cause(
        Layer.TLS,
        _FAILURE,
        "Connect by the name in the certificate, or set tls.server_name to the name that the "
        "venue documents.",
    ),
    "tls-revoked": Cause(
        Layer.TLS,
        _FAILURE,
        "Do not connect: tell the venue that its certificate is revoked, and ask for the new one.",
    ),
    "tls-revocation-unknown": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Fetch the authority's current list of revoked certificates into the file that tls.crl "
        "names: the one there is out of date, or another authority's.",
    ),
    "tls-pin-mismatch": Cause(
        Layer.TLS,
        _FAILURE,
        "Send nothing: ask the venue by telephone whether the key that was seen is its own. If it "
        "is, add it to tls.pins; if not, somebody stands between you and the venue.",
    ),
    "tls-server-name": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Set tls.server_name to the name that the venue documents; its front end knows no other.",
    ),
    "tls-protocol": Cause(
        Layer.TLS,
        _FAILURE,
        "Ask the venue for TLS 1.2 or later on this port; fixgate does not go below it.",
    ),
    "tls-client-certificate": Cause(
        Layer.TLS,
        _FAILURE,
        "Set tls.certificate and tls.key to the certificate that the venue has registered for "
        "this session, and check that it has not expired (openssl x509 -enddate).",
    ),
    "tls-not-tls": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Remove tls from the session file if the port is a plain one, or correct the port.",
    ),
    "tls-closed": Cause(
        Layer.TLS,
        _FAILURE,
        "Ask the venue whether this host's address is allowed and whether the port expects a "
        "client certificate or another server name (SNI).",
    ),
    "tls-silent": Cause(
        Layer.TLS,
        _FAILURE,
        "Check whether the port speaks TLS at all; if it does, ask the venue whether the TLS "
        "front end is up.",
    ),
    "tls-local": Cause(
        Layer.CONFIG,
        _FAILURE,
        "Correct the certificate, key or ca file that tls names in the session file.",
    ),
    "tls-failed": Cause(
        Layer.TLS,
        _FAILURE,
        "Repeat the handshake with openssl s_client -connect HOST:PORT and send its output to the "
        "venue.",
    ),
    "tls-expires-soon": Cause(
        Layer.TLS,
        _WARNING,
        "Ask the venue when it renews its certificate, and whether the new one has another "
        "authority.",
    ),
    "tls-own-expires-soon": Cause(
        Layer.TLS,
        _WARNING,
        "Renew the certificate that tls.certificate names, and have the venue register the new one "
        "before the old one expires.",
    ),
    "tls-unverified": Cause(
        Layer.CONFIG,
        _WARNING,
        "Name the venue's authority as tls.ca and switch verification on again.",
    ),
}

"""QuickFIX's keys about TLS into ``tls`` of a session or of a listening port."""

from __future__ import annotations

from fixgate.config.qf_file import Setting
from fixgate.config.qf_view import Tree, View
from fixgate.config.units import parse_name

__all__ = ["client_tls", "server_tls"]

_CA = ("CertificationAuthoritiesFile", "SocketCAFile", "SSLCACertificate")
_CLIENT = ("ClientCertificateFile", "SocketCertificateFile")
_CLIENT_KEY = ("ClientCertificateKeyFile", "SocketPrivateKeyFile")
_SERVER = ("ServerCertificateFile", "SocketCertificateFile")
_SERVER_KEY = ("ServerCertificateKeyFile", "SocketPrivateKeyFile")
_ON = ("SocketUseSSL", "SSLEnable")
_CRL = "CertificateRevocationListFile"
_SWITCHED_ON_BY = (*_CA, *_CLIENT, *_SERVER, "SSLCertificate")
_ALL = (
    *_SWITCHED_ON_BY,
    *_CLIENT_KEY,
    *_SERVER_KEY,
    "SSLServerName",
    "SocketServerName",
    "SNIHostName",
    "SSLValidateCertificates",
    "SocketInsecureSkipVerify",
    "CertificateVerifyLevel",
    "NeedClientAuth",
    "SSLRequireClientCertificate",
    _CRL,
)
_NOT_PEM = (".pfx", ".p12", ".jks", ".cer", ".der")
_PKCS12 = "openssl pkcs12 -nodes -in FILE makes PEM of a .pfx file"


def _is_on(view: View) -> bool:
    said = view.flag(*_ON)
    return view.get(*_SWITCHED_ON_BY) is not None if said is None else said


def client_tls(view: View) -> Tree:
    """Return ``tls`` of a session to check, or nothing for plain TCP."""
    if not _is_on(view):
        view.notes("only with TLS, which is off", *_ALL)
        return {}
    tls: Tree = {}
    _put(tls, "ca", _pem(view, *_CA))
    certificate, key = _pem(view, *_CLIENT), _pem(view, *_CLIENT_KEY)
    if certificate:
        _put(tls, "certificate", certificate)
        _put(tls, "key", key)
    else:
        view.notes("only together with a certificate", *_CLIENT_KEY)
    if _unverified(view):
        view.notes("says nothing about a certificate that is not verified", _CRL)
    else:
        _put(tls, "crl", _pem(view, _CRL))
    name = view.read(view.get("SSLServerName", "SocketServerName", "SNIHostName"), parse_name)
    _put(tls, "server_name", name or "")
    if _unverified(view):
        tls["verify"] = False
    view.notes(f"not PEM: give 'certificate' and 'key'; {_PKCS12}", "SSLCertificate")
    view.notes("of an acceptor", "NeedClientAuth", "SSLRequireClientCertificate")
    return {"tls": tls or True}


def _unverified(view: View) -> bool:
    level = view.read(view.get("CertificateVerifyLevel"), _verify_level)
    return (
        view.flag("SSLValidateCertificates") is False
        or view.flag("SocketInsecureSkipVerify") is True
        or level == "0"
    )


def _verify_level(text: str) -> str:
    if text not in ("0", "1", "2"):
        raise ValueError("expected 0, 1 or 2")
    return text


def server_tls(view: View) -> Tree:
    """Return ``tls`` of a listening port, or nothing for plain TCP.

    Where QuickFIX has no PEM files the names of two are written all the same: a port that was
    behind TLS must not come up without it.
    """
    if not _is_on(view):
        view.notes("only with TLS, which is off", *_ALL)
        return {}
    certificate, key = _pem(view, *_SERVER), _pem(view, *_SERVER_KEY)
    if not certificate or not key:
        # Something has switched it on.
        setting = view.written("SSLCertificate", *_ON, *_SWITCHED_ON_BY)
        assert setting is not None
        why = f"TLS needs PEM files: put them into venue.pem and venue.key; {_PKCS12}"
        view.note(setting, why)
    tls: Tree = {"certificate": certificate or "venue.pem", "key": key or "venue.key"}
    if _wants_client_certificate(view):
        ca = _pem(view, *_CA)
        if not ca:
            setting = view.written("NeedClientAuth", "SSLRequireClientCertificate", *_CA)
            assert setting is not None
            view.note(setting, "put the authorities of the clients into clients.pem")
        tls["client_ca"] = ca or "clients.pem"
        _put(tls, "crl", _pem(view, _CRL))
    else:
        view.notes("is about certificates of clients, which are not asked for", _CRL)
    view.notes("of an initiator", "SSLServerName", "SocketServerName", "SNIHostName")
    view.notes("of an initiator", "SocketInsecureSkipVerify")
    view.notes("of an initiator", "ClientCertificateFile", "ClientCertificateKeyFile")
    return {"tls": tls}


def _wants_client_certificate(view: View) -> bool:
    asked = view.flag("NeedClientAuth", "SSLRequireClientCertificate")
    if asked is not None:
        return asked
    level = view.read(view.get("CertificateVerifyLevel"), _verify_level)
    if level is not None:
        return level != "0" and view.get(*_CA) is not None
    # QuickFIX/Go verifies clients as soon as it has an authority for them.
    return view.get("SocketCAFile") is not None


def _pem(view: View, *keys: str) -> str:
    """Return the file that the first of ``keys`` names, or nothing when it cannot be PEM."""
    setting: Setting | None = view.get(*keys)
    if setting is None:
        return ""
    if setting.value.casefold().endswith(_NOT_PEM) or setting.value.startswith("CN="):
        view.note(setting, f"not a PEM file; {_PKCS12}")
        return ""
    return setting.value


def _put(tls: Tree, key: str, value: str) -> None:
    if value:
        tls[key] = value

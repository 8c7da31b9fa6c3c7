"""Durations, sizes, addresses and decimals as people write them, read exactly."""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import ip_network

from fixgate.net.networks import IpNetwork, unmapped
from fixgate.net.settings import Address

__all__ = [
    "format_duration",
    "parse_address",
    "parse_bool",
    "parse_comp_id",
    "parse_count",
    "parse_decimal",
    "parse_duration",
    "parse_fingerprint",
    "parse_name",
    "parse_network",
    "parse_pin",
    "parse_size",
]

_DURATION_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_SIZE_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_QUANTITY = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)\s?([A-Za-z]*)", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?", re.ASCII)
_COMP_ID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?")
_NETWORK = "expected an address such as 192.0.2.7 or a network such as 10.1.0.0/16"
_TRUTHS = {"true": True, "false": False}
_LOOSE_TRUTHS = {
    **dict.fromkeys(("yes", "y", "on", "1", "t", "enable", "enabled"), "true"),
    **dict.fromkeys(("no", "n", "off", "0", "f", "disable", "disabled", "none"), "false"),
}


def _hinted(message: str, suggestion: str | None) -> ValueError:
    error = ValueError(message)
    if suggestion is not None:
        error.add_note(f"did you mean '{suggestion}'?")
    return error


def _scaled(text: str, units: dict[str, int], what: str, example: str, default: str) -> int:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"expected {what} such as {example}")
    number, unit = found.groups()
    if unit not in units:
        folded = {u.casefold(): u for u in units}
        likely = folded.get(unit.casefold() or default.casefold())
        likely = likely or folded.get(unit.casefold().replace("b", "ib")) or _spelt_out(unit)
        suggestion = f"{number}{likely}" if likely in units else None
        trouble = (
            f"unit '{unit}' is not one of {', '.join(units)}" if unit else "the unit is missing"
        )
        raise _hinted(f"expected {what} such as {example}; {trouble}", suggestion)
    exact = Decimal(number) * units[unit]
    if exact != int(exact):
        raise ValueError(f"expected {what} in whole {next(iter(units))}")
    return int(exact)


def _spelt_out(unit: str) -> str:
    """Return the unit that ``unit`` seems to spell out, as in ``seconds``, or empty."""
    for start, short in (("ms", "ms"), ("milli", "ms"), ("sec", "s"), ("min", "m"), ("h", "h")):
        if unit.casefold().startswith(start):
            return short
    return ""


def parse_duration(text: str) -> int:
    """Return nanoseconds for ``500ms``, ``8s``, ``1.5s``, ``2m``.

    Raises:
        ValueError: It is not a number and a unit; a suggestion, if any, is in its notes.
    """
    return _scaled(text, _DURATION_NS, "a duration", "500ms, 8s or 2m", "s")


def format_duration(duration_ns: int) -> str:
    """Return a duration as files write it, exact: ``1500ms``, ``30s``."""
    if duration_ns == 0:
        return "0s"
    for unit in ("h", "m", "s", "ms", "us"):
        if duration_ns % _DURATION_NS[unit] == 0:
            return f"{duration_ns // _DURATION_NS[unit]}{unit}"
    return f"{duration_ns}ns"


def parse_size(text: str) -> int:
    """Return bytes for ``512B``, ``64KiB``, ``4MiB``.

    Raises:
        ValueError: It is not a number and a unit; a suggestion, if any, is in its notes.
    """
    return _scaled(text, _SIZE_BYTES, "a size", "64KiB or 4MiB", "B")


def parse_decimal(text: str) -> Decimal:
    """Return the exact number that is written.

    Raises:
        ValueError: It has an exponent, a thousands separator, or is no number.
    """
    if not _DECIMAL.fullmatch(text):
        error = ValueError("expected a decimal number such as 100.25")
        plain = text.replace("_", "").replace(",", ".")
        if _DECIMAL.fullmatch(plain):
            error.add_note(f"did you mean '{plain}'?")
        raise error
    return Decimal(text)


def parse_count(text: str) -> int:
    """Return a whole number of at least 0, read in base ten whatever zeros lead it.

    Raises:
        ValueError: It is anything else.
    """
    if not _COUNT.fullmatch(text):
        plain = text.replace("_", "")
        raise _hinted("expected a whole number", plain if _COUNT.fullmatch(plain) else None)
    return int(text)


def parse_bool(text: str) -> bool:
    """Return the truth that ``true`` or ``false`` says.

    Raises:
        ValueError: Any other word, ``yes`` and ``on`` included.
    """
    if text not in _TRUTHS:
        folded = text.casefold()
        suggestion = folded if folded in _TRUTHS else _LOOSE_TRUTHS.get(folded)
        raise _hinted("expected true or false", suggestion)
    return _TRUTHS[text]


def parse_comp_id(text: str) -> str:
    """Return the CompID or SubID that is written.

    Raises:
        ValueError: It is empty, too long, or holds what has no agreed encoding in a header.

    Spec: FIX 4.2 volume 1, String: alphanumeric without the delimiter.
    """
    if not _COMP_ID.fullmatch(text):
        raise ValueError("expected 1 to 64 printable ASCII characters")
    return text


def parse_name(text: str) -> str:
    """Return the name that is written: of a session, a user, a host.

    Raises:
        ValueError: It is blank, too long, or does not print.
    """
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise ValueError("expected a printable name of 1 to 100 characters")
    return text


def parse_network(text: str) -> IpNetwork:
    """Return the network that ``10.1.0.0/16`` or a single address such as ``::1`` stands for.

    Raises:
        ValueError: It is neither; a suggestion, if any, is in its notes.
    """
    if not re.fullmatch(r"[0-9A-Fa-f:./\[\]]+", text):
        raise ValueError(f"{_NETWORK}; names are not looked up")
    address, slash, prefix = text.partition("/")
    if slash and not re.fullmatch(r"\d{1,3}", prefix):
        raise ValueError(f"{_NETWORK}; bits are counted after the '/'")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise _hinted(_NETWORK, text.strip("[]") if text.startswith("[") else None) from None
    if slash and network.network_address != ip_network(address).network_address:
        raise _hinted(f"{_NETWORK}; {address} has bits after the first {prefix}", str(network))
    return unmapped(network)


def parse_pin(text: str) -> str:
    """Return the SHA-256 of a public key, ``sha256/BASE64=``.

    Spec: RFC 7469, 2.1.1, in the form that curl and others take.

    Raises:
        ValueError: Not of that form; a suggestion, if any, is in its notes.
    """
    digits = text.removeprefix("sha256/")
    # 32 bytes are 43 digits, of which the last carries four bits only.
    if not re.fullmatch(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", digits, re.ASCII):
        example = "sha256/ and 44 characters of base64, the SHA-256 of a public key"
        raise ValueError(f"expected {example}")
    if digits == text:
        raise _hinted(
            "expected sha256/ before the base64 of a public key's SHA-256", f"sha256/{text}"
        )
    return text


def parse_fingerprint(text: str) -> str:
    """Return the SHA-256 of a certificate, ``0A:FF:...``; without colons and in small letters too.

    Raises:
        ValueError: Not of that form.
    """
    if not re.fullmatch(r"[0-9A-Fa-f]{2}((:[0-9A-Fa-f]{2}){31}|[0-9A-Fa-f]{62})", text, re.ASCII):
        raise ValueError(
            "expected the SHA-256 of a certificate, 64 hexadecimal digits with colons or without"
        )
    return bytes.fromhex(text.replace(":", "")).hex(":").upper()


def parse_address(text: str, *, listening: bool = False) -> Address:
    """Return the host and port of ``HOST:PORT`` or ``[IPV6]:PORT``.

    Args:
        text: As the user wrote it.
        listening: Allow port 0, which lets the system choose.

    Raises:
        ValueError: Not of that form, or the port is out of range.
    """
    _, scheme, rest = text.rpartition("://")
    if scheme:
        raise _hinted("expected HOST:PORT without a scheme", rest.rstrip("/"))
    host, colon, port = text.rpartition(":")
    if not colon:
        raise ValueError("expected HOST:PORT, such as 127.0.0.1:5001")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if not re.fullmatch(r"[0-9A-Fa-f:.]+(%\w+)?", host, re.ASCII):
            raise ValueError("expected an IPv6 address between the brackets")
    elif ":" in host:
        raise _hinted("an IPv6 address needs brackets", f"[{host}]:{port}")
    elif not _HOST.fullmatch(host):
        raise ValueError("expected HOST:PORT, such as 127.0.0.1:5001; the host is not a name")
    lowest = 0 if listening else 1
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or not lowest <= int(port) <= 65535:
        raise ValueError(f"expected a port from {lowest} to 65535 after the colon")
    return Address(host, int(port))

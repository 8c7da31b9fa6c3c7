"""What of one QuickFIX session needs several keys, or more than a new name."""

from __future__ import annotations

import re

from fixgate.config import units
from fixgate.config.qf_view import Role, Tree, View
from fixgate.dictionary.version import FixVersion

__all__ = ["connect", "credentials", "identity", "layer", "listen", "role_of", "store_path"]

_NO_LATENCY_CHECK = "87600h"
"""Ten years: SendingTime(52) is as good as unchecked."""

_PRECISIONS = {
    "0": "seconds",
    "3": "milliseconds",
    "6": "microseconds",
    "9": "nanoseconds",
    "SEC": "seconds",
    "MIL": "milliseconds",
    "MIC": "microseconds",
    "NAN": "nanoseconds",
}
_NO_FRACTIONS = ("FIX.4.0", "FIX.4.1")
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


def role_of(view: View) -> Role | None:
    """Return what the session is, ``None`` after saying that nothing tells."""
    said = view.get("ConnectionType")
    if said is not None:
        try:
            return Role(said.value.casefold())
        except ValueError:
            view.remarks.mistake(said.line, "ConnectionType: expected initiator or acceptor")
            return None
    # QuickFIX/Go has no such key: its programs know.
    if view.get("SocketConnectHost", "SocketConnectPort") is not None:
        return Role.INITIATOR
    if view.get("SocketAcceptPort") is not None:
        return Role.ACCEPTOR
    message = "neither ConnectionType nor a socket key says what this session is"
    view.remarks.mistake(view.section.line, message)
    return None


def identity(view: View) -> Tree | None:
    """Return ``begin_string``, ``application_version``, ``ours`` and ``theirs``.

    ``None`` after saying what is missing.
    """
    found: Tree = {}
    for key, name in (
        ("begin_string", "BeginString"),
        ("ours", "SenderCompID"),
        ("theirs", "TargetCompID"),
    ):
        setting = view.get(name)
        if setting is None:
            view.remarks.mistake(view.section.line, f"{name} is missing in this session")
            return None
        try:
            found[key] = units.parse_comp_id(setting.value)
        except ValueError as error:
            view.remarks.mistake(setting.line, f"{name}: {error}")
            return None
    return _with_version(view, found)


def _with_version(view: View, found: Tree) -> Tree | None:
    begin = view.get("BeginString")
    assert begin is not None
    default = view.get("DefaultApplVerID")
    if begin.value != "FIXT.1.1":
        if begin.value not in {version.begin_string for version in FixVersion}:
            view.remarks.mistake(begin.line, "BeginString: expected FIX.4.0 to 4.4, or FIXT.1.1")
            return None
        if default is not None:
            view.note(default, "only with BeginString=FIXT.1.1")
        return found
    codes = {v.appl_ver_id: v for v in FixVersion if v.is_fixt}
    names = {v.value: v for v in FixVersion if v.is_fixt}
    version = None if default is None else codes.get(default.value) or names.get(default.value)
    if version is None:
        line = view.section.line if default is None else default.line
        message = "DefaultApplVerID: expected 7, 8, 9 or FIX.5.0, FIX.5.0SP1, FIX.5.0SP2"
        view.remarks.mistake(line, message)
        return None
    return found | {"application_version": version.value}


def connect(view: View) -> str | None:
    """Return HOST:PORT, ``None`` after saying what is missing; alternatives are listed."""
    host, port = view.get("SocketConnectHost"), view.get("SocketConnectPort")
    for setting in view:
        if re.fullmatch(r"socketconnect(host|port)\d+", setting.key.casefold()):
            view.note(setting, "a check takes one address: copy the session for another one")
    if host is None or port is None:
        lacking = "SocketConnectHost" if host is None else "SocketConnectPort"
        view.remarks.mistake(view.section.line, f"{lacking} is missing in this session")
        return None
    return _address(view, host.value, port.value, host.line)


def listen(view: View) -> str | None:
    """Return HOST:PORT to listen on, ``None`` after saying what is missing."""
    host, port = view.get("SocketAcceptHost", "SocketAcceptAddress"), view.get("SocketAcceptPort")
    if port is None:
        view.remarks.mistake(view.section.line, "SocketAcceptPort is missing in this session")
        return None
    return _address(view, "0.0.0.0" if host is None else host.value, port.value, port.line)


def _address(view: View, host: str, port: str, line: int) -> str | None:
    text = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        return str(units.parse_address(text))
    except ValueError as error:
        view.remarks.mistake(line, f"not an address: {error}")
        return None


def credentials(view: View, ours: str, theirs: str) -> Tree:
    """Return ``username`` and ``password``, the latter by reference: it is never copied."""
    tags = {}
    for setting in view:
        if re.fullmatch(r"logontag\d*", setting.key.casefold()):
            tag, _, value = setting.value.partition("=")
            if tag in ("553", "554"):
                tags[tag] = (setting, value)
            else:
                view.note(setting, "only Username(553) and Password(554) go into a Logon")
    if (username := view.get("Username")) is not None:
        tags["553"] = (username, username.value)
    # A password may look like anything, a variable included.
    if (password := view.written("Password")) is not None:
        tags["554"] = (password, "")
    if len(tags) < 2:
        for setting, _ in tags.values():
            view.note(setting, "Username(553) and Password(554) only together")
        return {}
    name = _UNSAFE.sub("_", f"FIX_PASSWORD_{ours}_{theirs}").upper()
    view.note(tags["554"][0], f"never copied: put it into the environment variable {name}")
    return {"username": tags["553"][1], "password": f"${{env:{name}}}"}


def layer(view: View, begin_string: str, role: Role) -> Tree:
    """Return what shapes the session layer of one session."""
    found: Tree = {}
    reset = view.get("ResetOnLogon", "SendResetSeqNumFlag", "ResetSeqNumFlag")
    if reset is not None and view.flag(reset.key):
        if role is Role.INITIATOR and begin_string == "FIX.4.0":
            view.note(reset, "FIX.4.0 has no ResetSeqNumFlag(141) to send")
        else:
            found["reset_on_logon"] = True
    checks, latency = view.flag("CheckLatency"), view.get("MaxLatency")
    if checks is False:
        view.notes("only with CheckLatency=Y", "MaxLatency")
        found["sending_time_tolerance"] = _NO_LATENCY_CHECK
    elif (seconds := view.read(latency, _tolerance)) is not None:
        found["sending_time_tolerance"] = seconds
    if (precision := _precision(view)) and begin_string not in _NO_FRACTIONS:
        found["timestamp_precision"] = precision
    return found


def _tolerance(text: str) -> str:
    if (seconds := units.parse_count(text)) == 0:
        raise ValueError("expected at least one second")
    return f"{seconds}s"


def _precision(view: View) -> str | None:
    setting = view.get("TimestampPrecision")
    if setting is not None:
        return view.read(setting, _precision_of)
    if view.flag("MicrosecondsInTimeStamp"):
        return "microseconds"
    return {True: "milliseconds", False: "seconds", None: None}[
        view.flag("MillisecondsInTimeStamp")
    ]


def _precision_of(text: str) -> str:
    found = _PRECISIONS.get(text if text.isdigit() else text[:3].upper())
    if found is None:
        raise ValueError("expected 0, 3, 6 or 9 digits, or SECONDS to NANOS")
    return found


def store_path(view: View) -> str | None:
    """Return where fixgate's own store goes, beside QuickFIX's files."""
    setting = view.get("FileStorePath")
    if setting is None:
        return None
    why = (
        "our store goes into its folder 'fixgate'; QuickFIX's numbers are not taken over: see "
        "'fixgate store set-seqnum'"
    )
    view.note(setting, why)
    return f"{setting.value.rstrip('/')}/fixgate"

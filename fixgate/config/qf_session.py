"""What of one QuickFIX session needs several keys, or more than a new name."""

from __future__ import annotations

import re

from fixgate.config import units
from fixgate.config.qf_file import Setting
from fixgate.config.qf_keys import yes
from fixgate.config.qf_view import Role, Tree, View
from fixgate.dictionary.version import FixVersion

__all__ = [
    "accepts_any",
    "connect",
    "identity",
    "layer",
    "listen",
    "logon",
    "role_of",
    "store",
    "version_of",
]

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
_ALTERNATIVE = re.compile(r"socketconnect(host|port)\d+")
_LOGON_TAG = re.compile(r"logontag\d*")
_LOGON_TAGS = {
    "553": "Username(553)",
    "554": "Password(554)",
    "464": "TestMessageIndicator(464)",
}


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


def accepts_any(view: View) -> bool:
    """Whether QuickFIX/Go lets in clients of any CompIDs on this session's port."""
    return bool(view.flag("DynamicSessions"))


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
    for setting in view.matching(_ALTERNATIVE):
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


def logon(view: View, who: Tree) -> Tree:
    """Return what a Logon carries; passwords by reference: they are never copied."""
    tags: dict[str, tuple[Setting, str]] = {}
    for setting in view.matching(_LOGON_TAG):
        tag, _, value = setting.value.partition("=")
        if tag in _LOGON_TAGS:
            tags[tag] = (setting, value)
        else:
            view.note(setting, f"only {', '.join(_LOGON_TAGS.values())} go into a Logon")
    if (username := view.get("Username")) is not None:
        tags["553"] = (username, username.value)
    if "553" in tags:
        username, text = tags["553"]
        try:
            units.parse_name(text)
        except ValueError as error:
            view.note(username, f"{error}: passed over")
            del tags["553"]
    # A password may look like anything, a variable included.
    if (password := view.written("Password")) is not None:
        tags["554"] = (password, "")
    return _credentials(view, who, tags) | _world(view, who, tags.get("464"))


def _credentials(view: View, who: Tree, tags: dict[str, tuple[Setting, str]]) -> Tree:
    found: Tree = {}
    if "553" in tags and "554" in tags:
        found = {"username": tags["553"][1], "password": _reference(view, who, tags["554"][0])}
    else:
        for tag in tags.keys() & {"553", "554"}:
            view.note(tags[tag][0], "Username(553) and Password(554) only together")
    return found


def _reference(view: View, who: Tree, setting: Setting) -> str:
    name = _UNSAFE.sub("_", f"FIX_PASSWORD_{who['ours']}_{who['theirs']}").upper()
    view.note(setting, f"never copied: put it into the environment variable {name}")
    return f"${{env:{name}}}"


def _world(view: View, who: Tree, tag: tuple[Setting, str] | None) -> Tree:
    """Return ``test_session``, for TestMessageIndicator(464)."""
    if tag is None:
        return {}
    setting, value = tag
    if version_of(who).order < FixVersion.FIX43.order:
        view.note(setting, f"{version_of(who).value} has no TestMessageIndicator(464)")
        return {}
    is_test = view.read(setting, lambda _: "test" if yes(value) else "production")
    return {} if is_test is None else {"test_session": is_test}


def version_of(who: Tree) -> FixVersion:
    """Return the version of a session's messages."""
    return FixVersion(who.get("application_version", who["begin_string"]))


def layer(view: View, who: Tree, role: Role) -> Tree:
    """Return what shapes the session layer of one session."""
    return _resets(view, who, role) | _heartbeat(view, role) | _times(view, who)


def _resets(view: View, who: Tree, role: Role) -> Tree:
    """Return ``reset_on_logon``.

    After ResetOnDisconnect both numbers are 1, and engines then log on as with ResetOnLogon.
    """
    found: Tree = {}
    for key in ("ResetOnLogon", "ResetOnDisconnect"):
        setting = view.get(key)
        if setting is None or not view.flag(key):
            continue
        if role is Role.INITIATOR and who["begin_string"] == "FIX.4.0":
            view.note(setting, "FIX.4.0 has no ResetSeqNumFlag(141) to send")
        else:
            found["reset_on_logon"] = True
    return found


def _heartbeat(view: View, role: Role) -> Tree:
    """Return ``heartbeat``: what an initiator asks for, or what an acceptor imposes."""
    if role is Role.INITIATOR:
        if view.flag("HeartBtIntOverride"):
            view.notes("of an acceptor", "HeartBtIntOverride")
        value = view.read(view.get("HeartBtInt"), _seconds_of_a_day)
        return {} if value is None else {"heartbeat": value}
    if not view.flag("HeartBtIntOverride"):
        view.notes("an acceptor takes what the client asks for", "HeartBtInt")
        return {}
    value = view.read(view.get("HeartBtInt"), _imposed)
    if value is None:
        view.notes("only together with HeartBtInt", "HeartBtIntOverride")
        return {}
    return {
        "heartbeat": {
            "min": value, "max": value, "zero": "reject", "on_mismatch": "impose", "value": value,
        }
    }  # fmt: skip


def _seconds_of_a_day(text: str) -> str:
    if (seconds := units.parse_count(text)) > 86_400:
        raise ValueError("expected seconds up to a day")
    return f"{seconds}s"


def _imposed(text: str) -> str:
    if (value := _seconds_of_a_day(text)) == "0s":
        raise ValueError("expected at least one second")
    return value


def _times(view: View, who: Tree) -> Tree:
    """Return ``sending_time_tolerance`` and ``timestamp_precision``."""
    found: Tree = {}
    checks, latency = view.flag("CheckLatency"), view.get("MaxLatency")
    if checks is False:
        view.notes("only with CheckLatency=Y", "MaxLatency")
        found["sending_time_tolerance"] = _NO_LATENCY_CHECK
    elif (seconds := view.read(latency, _tolerance)) is not None:
        found["sending_time_tolerance"] = seconds
    if precision := _precision(view, who):
        found["timestamp_precision"] = precision
    return found


def _tolerance(text: str) -> str:
    if (seconds := units.parse_count(text)) == 0:
        raise ValueError("expected at least one second")
    return f"{seconds}s"


def _precision(view: View, who: Tree) -> str | None:
    setting = view.get("TimestampPrecision")
    if setting is not None:
        found = view.read(setting, _precision_of)
    elif view.flag("MicrosecondsInTimeStamp"):
        found = "microseconds"
    else:
        milliseconds = view.flag("MillisecondsInTimeStamp")
        found = None if milliseconds is None else "milliseconds" if milliseconds else "seconds"
    # Engines write whole seconds in the oldest versions, too, whatever is asked for.
    return None if who["begin_string"] in _NO_FRACTIONS else found


def _precision_of(text: str) -> str:
    found = _PRECISIONS.get(text if text.isdigit() else text[:3].upper())
    if found is None:
        raise ValueError("expected 0, 3, 6 or 9 digits, or SECONDS to NANOS")
    return found


def store(view: View) -> Tree:
    """Return ``store``: fixgate's own, beside QuickFIX's files.

    A message that QuickFIX/J syncs is on disk before it is sent. That is what ``group`` promises;
    ``each`` promises no more, and lets all sessions wait for one.
    """
    setting = view.get("FileStorePath")
    if setting is None:
        view.notes("only together with FileStorePath", "FileStoreSync")
        return {}
    why = (
        "our store goes into its folder 'fixgate'; QuickFIX's numbers are not taken over: see "
        "'fixgate store set-seqnum'"
    )
    view.note(setting, why)
    found: Tree = {"path": f"{setting.value.rstrip('/')}/fixgate"}
    if view.flag("FileStoreSync"):
        found["durability"] = "group"
    return {"store": found}

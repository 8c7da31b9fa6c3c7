"""A QuickFIX settings file into a session file or a venue file of fixgate's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fixgate.config.emit import to_yaml
from fixgate.config.qf_file import QfFile, read_qf
from fixgate.config.qf_hours import hours
from fixgate.config.qf_keys import Scalar, find_key
from fixgate.config.qf_session import (
    accepts_any,
    connect,
    identity,
    layer,
    listen,
    logon,
    role_of,
    store,
    version_of,
)
from fixgate.config.qf_tls import client_tls, server_tls
from fixgate.config.qf_view import Note, Remarks, Role, Tree, View
from fixgate.config.source import Source
from fixgate.errors import ConfigError

__all__ = ["Imported", "import_quickfix"]

_SCHEMA_LINE = "# yaml-language-server: $schema=fixgate.schema.json\n"
_OF_THE_VENUE = ("sending_time_tolerance", "store", "user_defined_fields")
_OF_ANY_CLIENT = (
    *_OF_THE_VENUE,
    "heartbeat",
    "numbering",
    "reset_numbers",
    "resends",
    "schedule",
    "timestamp_precision",
)
_IDENTITY = ("begin_string", "ours", "theirs")
_ANYBODY: Tree = {"begin_string": "FIX.4.4", "ours": "", "theirs": ""}
_PLACES = (
    ("sender_sub_id", "our_sub_id"),
    ("sender_location_id", "our_location_id"),
    ("target_sub_id", "their_sub_id"),
    ("target_location_id", "their_location_id"),
)
_NAME_CHARS = 90  # a name may have 100; equal ones get a number
_VARIABLE = re.compile(r"\$\{")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a settings file came to.

    Attributes:
        text: The file to write, YAML.
        sessions: How many sessions, or clients of the venue that are listed.
        role: Initiators make a session file, acceptors a venue file.
        notes: What could not be honoured, or is to be done, by line.
    """

    text: str
    sessions: int
    role: Role
    notes: tuple[Note, ...]


def import_quickfix(path: str | Path, role: Role | None = None) -> Imported:
    """Turn a settings file into one of fixgate's.

    Args:
        path: The settings file, of QuickFIX C++ or Python, /J, /n or Go; ``-`` is standard input.
        role: Which sessions to take, where the file has both kinds.

    Raises:
        ConfigError: A session cannot be told from the file, or it has both kinds and ``role`` is
            not given.
    """
    file = read_qf(Source.read(path))
    remarks = Remarks(file.path)
    for line, key, why in file.strays:
        remarks.note(line, key, why)
    views = _views(file, remarks)
    roles = set(views.values())
    if not views and not file.sessions:
        remarks.mistake(0, "no [SESSION] in it: not a settings file of QuickFIX")
    if role is None and len(roles) > 1:
        remarks.mistake(0, "has initiators and acceptors: they make two files", "add --role")
    chosen = role or next(iter(roles), Role.INITIATOR)
    taken = [view for view, each in views.items() if each is chosen]
    if role is not None and not taken and not remarks.mistakes:
        remarks.mistake(0, f"has no session with ConnectionType={role.value}")
    if chosen is Role.INITIATOR:
        sessions = _sessions(taken, remarks)
        tree: Tree = {"sessions": sessions}
    else:
        venue, sessions = _venue(taken, file, remarks)
        tree = {"venue": venue | ({"sessions": sessions} if sessions else {})}
    if remarks.mistakes:
        raise ConfigError(sorted(remarks.mistakes, key=lambda each: each.line))
    name = Path(file.path).name
    head = f"{_SCHEMA_LINE}# Made of {name!r} by 'fixgate config import'.\n\n"
    notes = tuple(sorted(remarks.notes, key=lambda note: note.line))
    return Imported(head + to_yaml(tree), len(sessions), chosen, notes)


def _views(file: QfFile, remarks: Remarks) -> dict[View, Role]:
    if not file.sessions:
        # An acceptor of QuickFIX/Go that lets in anybody may list nobody.
        default = View(file.default, file, remarks)
        return {default: Role.ACCEPTOR} if accepts_any(default) else {}
    found = {}
    for section in file.sessions:
        view = View(section, file, remarks)
        if (role := role_of(view)) is not None:
            found[view] = role
    return found


def _plain(view: View, who: Tree, role: Role) -> Tree:
    """Return what single keys become, and say what becomes of the others."""
    found: Tree = {}
    for setting in view:
        key = find_key(setting.key)
        if key.combined or not setting.value or setting.value.upper() in key.same:
            continue
        target = key.session if role is Role.INITIATOR else key.client or key.venue
        if not target:
            view.note(setting, key.why)
        elif _VARIABLE.search(setting.value):
            view.note(setting, "holds a variable that only the engine knows: passed over")
        elif version_of(who).order < key.since.order:
            view.note(setting, f"{version_of(who).value} has no such field: passed over")
        else:
            try:
                value = key.read(setting.value)
                if value not in map(key.read, key.same):
                    _put(found, target, value)
            except ValueError as error:
                view.note(setting, f"{error}: passed over")
    return found


def _put(tree: Tree, target: str, value: Scalar) -> None:
    """Set a key, in a mapping of its own where its name has a dot."""
    outer, _, inner = target.rpartition(".")
    mapping = tree.setdefault(outer, {}) if outer else tree
    assert isinstance(mapping, dict)
    mapping[inner] = value


def _sessions(views: Iterable[View], remarks: Remarks) -> list[Tree]:
    sessions: list[Tree] = []
    seen: dict[tuple[str, ...], int] = {}
    names: set[str] = set()
    for view in views:
        session = _session(view)
        if session is None:
            continue
        same = (str(session["connect"]), *_who(session))
        if same in seen:
            why = f"the same session at the same address as in line {seen[same]}: left out"
            remarks.note(view.section.line, "[SESSION]", why)
            continue
        if same[1:] in {each[1:] for each in seen} and session.pop("store", None) is not None:
            why = "two sessions of one identity: this one's store is in fixgate's state folder"
            remarks.note(view.section.line, "[SESSION]", why)
        seen[same] = view.section.line
        session["name"] = _unique(str(session["name"]), names)
        sessions.append(session)
    return sessions


def _who(tree: Tree) -> tuple[str, ...]:
    """Return the identity of a session or of a client."""
    places = (tree.get(ours, tree.get(theirs, "")) for ours, theirs in _PLACES)
    return (*(str(tree[key]) for key in _IDENTITY), *map(str, places))


def _unique(name: str, names: set[str]) -> str:
    found, count = name, 1
    while found in names:
        count += 1
        found = f"{name} {count}"
    names.add(found)
    return found


def _session(view: View) -> Tree | None:
    who, where = identity(view), connect(view)
    if who is None or where is None:
        return None
    name = _name(view) or f"{who['ours']} to {who['theirs']}"[:_NAME_CHARS]
    session: Tree = {"name": name, "connect": where}
    session |= who | _plain(view, who, Role.INITIATOR)
    session |= logon(view, who) | layer(view, who, Role.INITIATOR)
    session |= hours(view) | client_tls(view)
    session |= store(view)
    _of_an_acceptor(view)
    view.tell_rest()
    return session


def _name(view: View) -> str:
    """Return QuickFIX/J's Description of a session, as far as a name may be long."""
    setting = view.get("Description")
    return "" if setting is None else setting.value[:_NAME_CHARS]


def _of_an_acceptor(view: View) -> None:
    keys = ("SocketAcceptHost", "SocketAcceptAddress", "SocketAcceptPort")
    view.notes("of an acceptor", *keys, "ServerCertificateFile", "ServerCertificateKeyFile")
    if accepts_any(view):
        view.notes("of an acceptor", "DynamicSessions")


def _venue(views: Iterable[View], file: QfFile, remarks: Remarks) -> tuple[Tree, list[Tree]]:
    """Return the venue, and its clients."""
    shared = _Shared(remarks)
    ports: dict[str, Tree] = {}
    clients: list[Tree] = []
    seen: dict[tuple[str, ...], int] = {}
    for view in views:
        where, who = listen(view), _client_of(view)
        if where is None or who is None:
            continue
        client = _client(view, who)
        if (same := _who(client)) in seen:
            why = f"the same session as in line {seen[same]}: left out"
            remarks.note(view.section.line, "[SESSION]", why)
            continue
        seen[same] = view.section.line
        port = server_tls(view)
        if who is _ANYBODY:
            shared.take_anybody(client, port, view)
        else:
            shared.take(client, _OF_THE_VENUE, view)
            clients.append(client)
        if ports.setdefault(where, port) != port:
            why = f"{where} has other settings in an earlier session: those are used"
            remarks.note(view.section.line, "[SESSION]", why)
        if accepts_any(view):
            shared.values["accept_any"] = True
        view.tell_rest()
    listeners: list[Tree] = [{"address": where, **port} for where, port in ports.items()]
    name = Path(file.path).stem[:_NAME_CHARS].strip()
    venue: Tree = {"name": name if name.isprintable() and name else "venue"}
    venue |= {"dialect": "quickfix", "listen": listeners}
    return venue | shared.values, clients


def _client_of(view: View) -> Tree | None:
    """Return the identity of a client; ``None`` after saying what is missing."""
    if accepts_any(view) and view.get("SenderCompID", "TargetCompID") is None:
        return _ANYBODY
    return identity(view)


def _client(view: View, who: Tree) -> Tree:
    name = _name(view)
    client: Tree = ({"name": name} if name else {}) | who | _plain(view, who, Role.ACCEPTOR)
    client |= logon(view, who) | layer(view, who, Role.ACCEPTOR)
    client |= hours(view) | store(view)
    view.notes("of an initiator", "SocketConnectHost", "SocketConnectPort")
    return client


class _Shared:
    """What holds for a whole venue, though QuickFIX says it of each session."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._lines: dict[str, int] = {}
        self.values: Tree = {}

    def take(self, client: Tree, keys: Iterable[str], view: View) -> None:
        """Take values out of a client; the first session that has one decides."""
        for key in keys:
            if key not in client:
                continue
            value = client.pop(key)
            line = self._lines.setdefault(key, view.section.line)
            if self.values.setdefault(key, value) != value:
                why = f"'{key}' holds for the whole venue: the session in line {line} decides"
                self._remarks.note(view.section.line, "[SESSION]", why)

    def take_anybody(self, client: Tree, port: Tree, view: View) -> None:
        """Take what is said of clients that are not listed; some of it no venue can have."""
        if "allow" in client:
            port["allow"] = client.pop("allow")
        self.take(client, _OF_ANY_CLIENT, view)
        for key in sorted(client.keys() - _ANYBODY.keys()):
            why = f"'{key}' holds for clients that are listed only: left out"
            self._remarks.note(view.section.line, "[DEFAULT]", why)

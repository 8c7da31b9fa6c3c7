"""A QuickFIX settings file into a session file or a venue file of fixgate's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fixgate.config.emit import to_yaml
from fixgate.config.qf_file import QfFile, read_qf
from fixgate.config.qf_hours import hours
from fixgate.config.qf_keys import find_key
from fixgate.config.qf_session import (
    connect,
    credentials,
    identity,
    layer,
    listen,
    role_of,
    store_path,
)
from fixgate.config.qf_tls import client_tls, server_tls
from fixgate.config.qf_view import Note, Remarks, Role, Tree, View
from fixgate.config.source import Source
from fixgate.errors import ConfigError

__all__ = ["Imported", "import_quickfix"]

_SCHEMA_LINE = "# yaml-language-server: $schema=fixgate.schema.json\n"
_OF_THE_VENUE = ("sending_time_tolerance", "timestamp_precision", "user_defined_fields")
_NAME_CHARS = 90  # a name may have 100; equal ones get a number
_VARIABLE = re.compile(r"\$\{")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a settings file came to.

    Attributes:
        text: The file to write, YAML.
        sessions: How many sessions, or clients of the venue.
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
    if not file.sessions:
        remarks.mistake(0, "no [SESSION] in it: not a settings file of QuickFIX")
    if role is None and len(roles) > 1:
        remarks.mistake(0, "has initiators and acceptors: they make two files", "add --role")
    chosen = role or next(iter(roles), Role.INITIATOR)
    taken = [view for view, each in views.items() if each is chosen]
    if role is not None and not taken and not remarks.mistakes:
        remarks.mistake(0, f"has no session with ConnectionType={role.value}")
    tree = _sessions(taken, remarks) if chosen is Role.INITIATOR else _venue(taken, file, remarks)
    if remarks.mistakes:
        raise ConfigError(sorted(remarks.mistakes, key=lambda each: each.line))
    name = Path(file.path).name
    head = f"{_SCHEMA_LINE}# Made of {name!r} by 'fixgate config import'.\n\n"
    notes = tuple(sorted(remarks.notes, key=lambda note: note.line))
    return Imported(head + to_yaml(tree), len(taken), chosen, notes)


def _views(file: QfFile, remarks: Remarks) -> dict[View, Role]:
    found = {}
    for section in file.sessions:
        view = View(section, file, remarks)
        if (role := role_of(view)) is not None:
            found[view] = role
    return found


def _plain(view: View, role: Role) -> Tree:
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
        else:
            try:
                found[target] = key.read(setting.value)
            except ValueError as error:
                view.note(setting, f"{error}: passed over")
    return found


def _sessions(views: Iterable[View], remarks: Remarks) -> Mapping[str, object]:
    sessions: list[Tree] = []
    seen: dict[tuple[str, ...], int] = {}
    names: set[str] = set()
    for view in views:
        session = _session(view)
        if session is None:
            continue
        same = tuple(str(session[key]) for key in ("connect", "begin_string", "ours", "theirs"))
        if same in seen:
            why = f"the same session at the same address as in line {seen[same]}: left out"
            remarks.note(view.section.line, "[SESSION]", why)
            continue
        if same[1:] in {each[1:] for each in seen} and session.pop("store", None) is not None:
            why = "two sessions of one identity: this one's store is in fixgate's state folder"
            remarks.note(view.section.line, "[SESSION]", why)
        seen[same] = view.section.line
        session["name"] = _unique(f"{same[2]} to {same[3]}"[:_NAME_CHARS], names)
        sessions.append(session)
    return {"sessions": sessions}


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
    ours, theirs, begin_string = (str(who[key]) for key in ("ours", "theirs", "begin_string"))
    session: Tree = {"name": "", "connect": where} | who
    session |= _plain(view, Role.INITIATOR)
    session |= credentials(view, ours, theirs)
    session |= layer(view, begin_string, Role.INITIATOR)
    session |= hours(view) | client_tls(view)
    _of_an_acceptor(view)
    if (path := store_path(view)) is not None:
        session["store"] = {"path": path}
    return session


def _of_an_acceptor(view: View) -> None:
    keys = ("SocketAcceptHost", "SocketAcceptAddress", "SocketAcceptPort")
    view.notes("of an acceptor", *keys, "ServerCertificateFile", "ServerCertificateKeyFile")


def _venue(views: Iterable[View], file: QfFile, remarks: Remarks) -> Mapping[str, object]:
    shared = _Shared(remarks)
    ports: dict[str, Tree] = {}
    clients: list[Tree] = []
    seen: dict[tuple[str, ...], int] = {}
    for view in views:
        who, where = identity(view), listen(view)
        if who is None or where is None:
            continue
        same = tuple(str(who[key]) for key in ("begin_string", "ours", "theirs"))
        if same in seen:
            why = f"the same session as in line {seen[same]}: left out"
            remarks.note(view.section.line, "[SESSION]", why)
            continue
        seen[same] = view.section.line
        tls = server_tls(view)
        if ports.setdefault(where, tls) != tls:
            why = f"{where} has other TLS settings in an earlier session: those are used"
            remarks.note(view.section.line, "[SESSION]", why)
        clients.append(_client(view, who, shared))
    listeners = [{"address": where, **tls} for where, tls in ports.items()]
    name = Path(file.path).stem[:_NAME_CHARS].strip()
    venue: Tree = {"name": name if name.isprintable() and name else "venue"}
    venue["dialect"] = "quickfix"
    return {"venue": {**venue, "listen": listeners, **shared.values, "sessions": clients}}


def _client(view: View, who: Tree, shared: _Shared) -> Tree:
    ours, theirs, begin_string = (str(who[key]) for key in ("ours", "theirs", "begin_string"))
    client = who | _plain(view, Role.ACCEPTOR)
    client |= credentials(view, ours, theirs)
    client |= layer(view, begin_string, Role.ACCEPTOR)
    client |= hours(view)
    keys = ("SocketConnectHost", "SocketConnectPort")
    view.notes("of an initiator", *keys)
    for key in _OF_THE_VENUE:
        if key in client:
            shared.put(key, client.pop(key), view)
    if (path := store_path(view)) is not None:
        shared.put("store", {"path": path}, view)
    return client


class _Shared:
    """What holds for a whole venue, though QuickFIX says it of each session."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._lines: dict[str, int] = {}
        self.values: Tree = {}

    def put(self, key: str, value: str | bool | Tree | list[str], view: View) -> None:
        """Take a value; the first session that has one decides."""
        line = self._lines.setdefault(key, view.section.line)
        if self.values.setdefault(key, value) != value:
            why = f"'{key}' holds for the whole venue: the session in line {line} decides"
            self._remarks.note(view.section.line, "[SESSION]", why)

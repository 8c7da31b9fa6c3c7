"""``session:``, ``client:``, ``venue:`` and ``actors:`` into the settings of everybody.

Nothing about sessions and venues is read here: the tree that a session file and a venue file would
have is put together, with every value at its place in the scenario file, and given to the readers
of those files. So every key of theirs works, and every mistake is told in their words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fixgate.config.builder import Builder
from fixgate.config.expand import Draft
from fixgate.config.models import SessionModel, VenueModel, VenueSessionModel
from fixgate.config.scenarios.node import Node, UnusableError, known_keys
from fixgate.config.scenarios.values import name as read_name
from fixgate.config.scenarios.values import option
from fixgate.config.sessions import build_plans
from fixgate.config.source import Mark, shown
from fixgate.config.validate import valid_sessions, valid_venue
from fixgate.config.venue import build_gateway
from fixgate.config.yaml import Document, Path, Value
from fixgate.dictionary.version import FixVersion
from fixgate.net.settings import GatewaySettings
from fixgate.scenario.model import Actor, Identity, Side
from fixgate.session.settings import Credentials, SessionSettings

__all__ = ["ACTOR_KEYS", "CLIENT_KEYS", "SESSION_KEYS", "VENUE_KEYS", "read_actors"]

_PLACEHOLDER = "127.0.0.1:0"
_CONNECT = "127.0.0.1:1"  # the world puts the venue's own here

SESSION_KEYS = {
    "version": "FIX.4.0 to FIX.5.0SP2; by default FIX.4.4.",
    "client": "The client's CompID; by default CLIENT.",
    "venue": "The venue's CompID; by default VENUE.",
    "heartbeat": "HeartBtInt(108) that the client asks for; by default 30s.",
    "username": "Username(553), which the client sends and the venue demands.",
    "password": "Password(554), likewise, by reference.",
    "reset_on_logon": "Both begin at 1 again at every Logon.",
    "timestamp_precision": "Of SendingTime(52), of both.",
    "sending_time_tolerance": "How far SendingTime(52) may be from either's clock.",
    "schedule": "When the session is open, for both.",
    "reset_numbers": "When both sequence numbers restart at 1, for both.",
}
"""What may stand under ``session``, with what it says."""

_FOR_CLIENT = frozenset(
    {"heartbeat", "username", "password", "reset_on_logon", "timestamp_precision",
     "sending_time_tolerance", "schedule", "reset_numbers"}
)  # fmt: skip
_FOR_VENUE = frozenset(
    {"timestamp_precision", "sending_time_tolerance", "schedule", "reset_numbers"}
)
_FOR_VENUES_CLIENT = frozenset({"username", "password", "reset_on_logon"})

_NOT_A_CLIENTS = frozenset(
    {"name", "group", "connect", "begin_string", "application_version", "ours", "theirs", "tls",
     "level", "deadline", "store", "test_requests", "orders", "persistence", "expect"}
)  # fmt: skip
_NOT_A_VENUES = frozenset({"name", "listen", "comp_id", "sessions", "store", "busy_poll"})
_NOT_A_VENUES_CLIENTS = frozenset(
    {"name", "begin_string", "application_version", "ours", "theirs", "allow", "certificate"}
)

CLIENT_KEYS = tuple(k for k in SessionModel.model_fields if k not in _NOT_A_CLIENTS)
"""What may stand under ``client``: keys of a session of a session file."""
_VENUE_ONLY = tuple(k for k in VenueModel.model_fields if k not in _NOT_A_VENUES)
VENUE_KEYS = tuple(
    dict.fromkeys(
        (*_VENUE_ONLY,
         *(k for k in VenueSessionModel.model_fields if k not in _NOT_A_VENUES_CLIENTS))
    )
)  # fmt: skip
"""What may stand under ``venue``: keys of a venue file, and of a client in it."""
ACTOR_KEYS = ("like", "comp_id")
"""What may stand in an actor besides."""

_ROLES = ("client", "venue")


@dataclass(slots=True)
class _Tree:
    """A tree for the readers of other files, with where each of its values is written."""

    document: Document
    root: Path

    def put(self, path: Path, value: Value, origin: Node | None = None) -> None:
        """Put a value, and whatever is inside it, at a path."""
        target = self.document.value
        for step in path[:-1]:
            target = target[step]  # type: ignore[index]  # the tree is made here
        assert isinstance(target, dict)
        target[str(path[-1])] = value
        if origin is not None:
            self._copy_marks(path, origin)

    def _copy_marks(self, path: Path, origin: Node) -> None:
        written, depth = origin.document, len(origin.path)
        for table, into in (
            (written.marks, self.document.marks),
            (written.keys, self.document.keys),
        ):
            for at, mark in table.items():
                if at[:depth] == origin.path:
                    into[path + at[depth:]] = mark
        for at in written.unusable:
            if at[:depth] == origin.path:
                self.document.unusable.add(path + at[depth:])


def _resolved(node: Node) -> Value:
    """Return the tree below a node with parameters put in."""
    match node.value:
        case dict():
            return {key: _resolved(child) for key, child in node.entries().items()}
        case list():
            return [_resolved(child) for child in node.items()]
    return node.value


@dataclass(frozen=True, slots=True)
class _Basics:
    """What ``session`` says to both sides."""

    version: FixVersion
    client: str
    venue: str
    shared: Mapping[str, Node] = field(default_factory=dict)
    credentials: Credentials | None = None

    def identity(self) -> dict[str, Value]:
        """Return the keys by which both kinds of files say the version."""
        found: dict[str, Value] = {"begin_string": self.version.begin_string}
        if self.version.is_fixt:
            found["application_version"] = self.version.value
        return found


def read_actors(top: Mapping[str, Node], whole: Node, session: Node | None) -> tuple[Actor, ...]:
    """Return everybody who takes part.

    Args:
        top: The entries of the scenario file.
        whole: The file.
        session: What ``session`` comes to: a mapping of the file, or of the one that it names.
    """
    basics = _basics(session, whole.desk.identity)
    keys = {"client": _keys(top.get("client"), CLIENT_KEYS, "client")}
    keys["venue"] = _keys(top.get("venue"), VENUE_KEYS, "venue")
    others = _others(top.get("actors"))
    clients = {"client": (basics.client, keys["client"])}
    venues = {"venue": keys["venue"]}
    for name, (like, comp_id, own, node) in others.items():
        if like == "client":
            clients[name] = (comp_id or basics.client, keys["client"] | own)
        else:
            if comp_id:
                raise node.report("a second venue has the CompID of the first: leave out comp_id")
            venues[name] = keys["venue"] | own
    comp_ids = tuple(dict.fromkeys(comp_id for comp_id, _ in clients.values()))
    sessions = {n: _client(basics, *said, whole) for n, said in clients.items()}
    gateways = {n: _venue(basics, n, said, comp_ids, whole) for n, said in venues.items()}
    return (
        *(Actor(name, Side.CLIENT, session=found) for name, found in sessions.items()),
        *(Actor(name, Side.VENUE, gateway=found) for name, found in gateways.items()),
    )


def _basics(session: Node | None, identity: Identity) -> _Basics:
    entries = {} if session is None else session.entries()
    known_keys(entries, SESSION_KEYS, "'session'")
    version = identity.version or FixVersion.FIX44
    if node := entries.get("version"):
        version = option(node, {each.value: each for each in FixVersion})
    names = {}
    for role, known in (("client", identity.client), ("venue", identity.venue)):
        found = entries.get(role)
        said = role.upper() if found is None else found.text()
        names[role] = known or said
    shared = {key: node for key, node in entries.items() if key not in ("version", *_ROLES)}
    return _Basics(version, names["client"], names["venue"], shared, identity.credentials)


def _keys(node: Node | None, known: tuple[str, ...], role: str) -> dict[str, Node]:
    if node is None:
        return {}
    entries = node.entries()
    refused = {"client": _NOT_A_CLIENTS, "venue": _NOT_A_VENUES | _NOT_A_VENUES_CLIENTS}[role]
    for key, child in entries.items():
        if key in refused and key not in known:
            where = "'session' says who they are" if key in _IDENTITY else "the world says that"
            child.report(f"{shown(key)} has no place in a scenario: {where}", at_key=True)
    known_keys(
        {k: n for k, n in entries.items() if k not in refused or k in known}, known, f"'{role}'"
    )
    return {key: child for key, child in entries.items() if key in known}


_IDENTITY = frozenset({"name", "begin_string", "application_version", "ours", "theirs", "comp_id"})


def _others(node: Node | None) -> dict[str, tuple[str, str, dict[str, Node], Node]]:
    """Return of each further actor whom it is like, its CompID, its own keys, and its place."""
    found = {}
    for name, child in ({} if node is None else node.entries()).items():
        read_name(replace(child, value=name))
        if name in _ROLES:
            raise child.report(f"'{name}' is always there: write under '{name}:'", at_key=True)
        entries = child.entries()
        like = entries.get("like")
        if like is None:
            raise child.report("'like' is missing: client or venue", at_key=True)
        role = option(like, {each: each for each in _ROLES})
        rest = {k: n for k, n in entries.items() if k not in ACTOR_KEYS}
        known = CLIENT_KEYS if role == "client" else VENUE_KEYS
        known_keys(rest, (*ACTOR_KEYS, *known), f"the actor {name}")
        comp_id = entries["comp_id"].text() if "comp_id" in entries else ""
        found[name] = (role, comp_id, {k: n for k, n in rest.items() if k in known}, child)
    return found


def _tree(whole: Node, value: Value) -> _Tree:
    document = Document(whole.document.source, value)
    document.marks[()] = whole.document.marks.get(whole.path, Mark(1, 1))
    return _Tree(document, ())


def _client(
    basics: _Basics, comp_id: str, keys: Mapping[str, Node], whole: Node
) -> SessionSettings:
    session: dict[str, Value] = {
        "name": "client", "connect": _CONNECT, "ours": comp_id, "theirs": basics.venue,
        **basics.identity(),
    }  # fmt: skip
    tree = _tree(whole, {"sessions": [session]})
    for key, node in basics.shared.items():
        if key in _FOR_CLIENT:
            tree.put(("sessions", 0, key), _resolved(node), node)
    for key, node in keys.items():
        tree.put(("sessions", 0, key), _resolved(node), node)
    draft = Draft(tree.document)
    draft.resolve(whole.desk.environ, secrets=whole.desk.secrets)
    plans = build_plans(valid_sessions(draft), Builder(draft))
    _hand_over(draft, whole)
    if not plans:
        raise UnusableError
    # A check looks on and never resends; here the client is an engine that keeps to the standard.
    found = replace(plans[0].session, observe=False, resend_application=True)
    return found if basics.credentials is None else replace(found, credentials=basics.credentials)


def _venue(
    basics: _Basics,
    name: str,
    keys: Mapping[str, Node],
    comp_ids: tuple[str, ...],
    whole: Node,
) -> GatewaySettings:
    clients: list[Value] = [{"theirs": comp_id, **basics.identity()} for comp_id in comp_ids]
    venue: dict[str, Value] = {
        "name": name, "listen": _PLACEHOLDER, "comp_id": basics.venue, "sessions": clients,
    }  # fmt: skip
    tree = _tree(whole, {"venue": venue})
    shared = _FOR_VENUE | _FOR_VENUES_CLIENT
    said = {**{k: n for k, n in basics.shared.items() if k in shared}, **keys}
    for key, node in said.items():
        if key in _VENUE_ONLY:
            tree.put(("venue", key), _resolved(node), node)
            continue
        for index in range(len(clients)):
            tree.put(("venue", "sessions", index, key), _resolved(node), node)
    draft = Draft(tree.document)
    draft.resolve(whole.desk.environ, secrets=whole.desk.secrets)
    model = valid_venue(draft)
    gateway = None if model is None else build_gateway(model, Builder(draft))
    _hand_over(draft, whole)
    if gateway is None:
        raise UnusableError
    if basics.credentials is None:
        return gateway
    known = (replace(each.session, credentials=basics.credentials) for each in gateway.sessions)
    clients_of = zip(gateway.sessions, known, strict=True)
    return replace(gateway, sessions=tuple(replace(e, session=k) for e, k in clients_of))


def _hand_over(draft: Draft, whole: Node) -> None:
    whole.desk.mistakes.extend(draft.mistakes)
    if draft.mistakes:
        raise UnusableError

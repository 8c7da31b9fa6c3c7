"""The conversations of a recording, put together session by session. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from fixgate.latency.conversation import Conversation, Found
from fixgate.latency.recording import Recording, SessionFound, Unmeasured
from fixgate.latency.remarks import Remarks, counted
from fixgate.triage.model import Exchange, Sample, StampSource

__all__ = ["Gathering"]

_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class _Talk:
    """A conversation that is over; see `Gathering.take`."""

    conversation: Conversation
    places: tuple[str, ...]
    extra: tuple[tuple[int, Sample], ...]


@dataclass(slots=True)
class _Session:
    """What is known of one session."""

    client: str
    venue: str
    places: dict[str, None] = field(default_factory=dict)
    connections: int = 0
    messages: int = 0
    samples: list[Sample] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def overlaps(self) -> bool:
        """Whether two of its connections were there at the same time."""
        spans = sorted(self.spans)
        return any(begin < end for (_, end), (begin, _) in pairwise(spans))

    def add(self, found: Found, own: list[Sample], name: str) -> None:
        """Add what a conversation gave, and its connection itself."""
        self.samples += [replace(each, session=name) for each in (*own, *found.samples)]
        self.found.could_rest += found.could_rest
        self.found.unmeasured.update(found.unmeasured)
        for key, names in found.names.items():
            known = self.found.names.setdefault(key, [])
            known += names[: _NAMED_AT_MOST - len(known)]


class Gathering:
    """Takes conversations as they end, and makes a `Recording` of them.

    Args:
        source: Whose clock the instants are from.
        client: SenderCompID(49) of the client, for sessions that do not tell; or to overrule them.

    Attributes:
        remarks: What was not used and why, to be added to.
    """

    def __init__(self, source: StampSource, client: str | None = None) -> None:
        self._source = source
        self._client = client
        self._sessions: dict[str, _Session] = {}
        self._undecided: list[_Talk] = []
        self._began_ns: int | None = None
        self._ended_ns: int | None = None
        self.remarks = Remarks()

    def take(
        self,
        conversation: Conversation,
        places: Iterable[str],
        extra: Iterable[tuple[int, Sample]] = (),
    ) -> None:
        """Take a conversation that is finished.

        Args:
            conversation: It.
            places: The two ends of its connection, or the files of its log.
            extra: Samples of its connection itself, each good if that side is the client.
        """
        began_ns, ended_ns = conversation.began_ns, conversation.ended_ns
        if began_ns is not None and ended_ns is not None:
            self._began_ns = min(self._began_ns or began_ns, began_ns)
            self._ended_ns = max(self._ended_ns or ended_ns, ended_ns)
        talk = _Talk(conversation, tuple(places), tuple(extra))
        side = self._side(conversation)
        if side is None:
            self._undecided.append(talk)
        else:
            self._add(talk, side)

    def _add(self, talk: _Talk, side: int | None) -> None:
        conversation = talk.conversation
        name = _name(conversation, side)
        session = self._sessions.get(name)
        if session is None:
            client, venue = ("", "") if side is None else _roles(conversation, side)
            session = self._sessions[name] = _Session(client, venue)
        session.places.update(dict.fromkeys(talk.places))
        session.messages += conversation.messages
        if conversation.began_ns is not None and conversation.ended_ns is not None:
            session.spans.append((conversation.began_ns, conversation.ended_ns))
        logons = max(conversation.logons) if side is None else conversation.logons[side]
        session.connections += max(1, logons)
        if side is not None:
            own = [each for client, each in talk.extra if client == side]
            session.add(conversation.found(side), own, name)

    def recording(self, precision_ns: int) -> Recording:
        """Return all of it.

        Args:
            precision_ns: How fine the instants are.
        """
        for talk in self._undecided:
            self._add(talk, self._side_elsewhere(talk.conversation))
        self._undecided.clear()
        for name, session in self._sessions.items():
            self._remark(name, session)
        named = {side for s in self._sessions.values() for side in (s.client, s.venue)}
        if self._client is not None and self._client not in named:
            self.remarks.add(
                "client", f"no session has {self._client!r} for a side, named as the client"
            )
        return Recording(
            samples=tuple(each for s in self._sessions.values() for each in _sorted(s.samples)),
            unmeasured=tuple(
                Unmeasured(name, kind, why, count, tuple(s.found.names[kind, why]))
                for name, s in self._sessions.items()
                for (kind, why), count in s.found.unmeasured.items()
            ),
            remarks=self.remarks.texts(),
            sessions=tuple(
                SessionFound(
                    name,
                    s.client,
                    s.venue,
                    tuple(s.places),
                    s.connections,
                    s.messages,
                    len(s.samples),
                )
                for name, s in self._sessions.items()
            ),
            began_ns=self._began_ns,
            ended_ns=self._ended_ns,
            precision_ns=precision_ns,
            source=self._source,
        )

    def _remark(self, name: str, session: _Session) -> None:
        if not session.client:
            self.remarks.add(
                "sessions whose client nobody names",
                f"{name}: nothing tells which side is the client, so that"
                f" {counted(session.messages, 'message')} were not used; name it: --client",
            )
        if session.overlaps:
            self.remarks.add(
                "sessions with connections at the same time",
                f"{name}: several connections at the same time; if the capture has both sides of"
                " a proxy or of a translation of addresses, each request counts twice",
            )
        fills = sum(each.kind is Exchange.FILL for each in session.samples)
        if session.found.could_rest:
            self.remarks.add(
                "fills",
                f"{name}: {session.found.could_rest} of {fills} first fills are of orders that may"
                " have waited in the book, and the venue does not say: their time is the market's,"
                " too",
            )

    def _side(self, conversation: Conversation) -> int | None:
        if self._client is not None and self._client in conversation.names:
            return conversation.names.index(self._client)
        return conversation.evidence.client

    def _side_elsewhere(self, conversation: Conversation) -> int | None:
        """Return who is the client on other connections of the session."""
        known = [side for side in (0, 1) if _name(conversation, side) in self._sessions]
        return known[0] if len(known) == 1 else None


def _roles(conversation: Conversation, side: int) -> tuple[str, str]:
    return conversation.names[side], conversation.names[1 - side]


def _name(conversation: Conversation, side: int | None) -> str:
    if side is None:
        first, second = sorted(conversation.names)
        return f"{conversation.begin_string}:{first}<->{second}"
    client, venue = _roles(conversation, side)
    return f"{conversation.begin_string}:{client}->{venue}"


def _sorted(samples: list[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda each: each.app_received_ns)

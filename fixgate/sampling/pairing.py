"""Pairs requests with their replies, wherever the messages come from. Pure.

Theory of operation. A request opens an entry under its kind and its id; the first message that its
row of `QUESTIONS` takes for an answer closes it. What cannot be told for sure makes no pair: an id
that is used again before its reply (whose reply would it be?), and whatever was sent again
(PossDupFlag(43), PossResend(97)), which says when it was sent again. A Logon of the client begins a
connection, and what was open on the one before it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, TypeVar

from fixgate.sampling.questions import QUESTIONS, Outcome, Question
from fixgate.triage.model import Exchange
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Pair", "Pairing", "Passed", "Unanswered", "Why"]

Ref = TypeVar("Ref")

_MAX_OPEN = 65_536
"""Requests of a kind, about a kilobyte each: no venue that answers owes so many replies."""
_UNOWED_SHARE = 8
"""Of that, one part in so many of requests that nobody has to answer: most never will be."""
_REJECTS = frozenset({MsgType.Reject, MsgType.BusinessMessageReject})


@dataclass(frozen=True, slots=True)
class Passed(Generic[Ref]):
    """A message that went over the line.

    Attributes:
        outgoing: From the client to the venue.
        message: What it was.
        ref: Whatever its owner knows it by, such as its instants; comes back with the pair.
    """

    outgoing: bool
    message: Message
    ref: Ref


@dataclass(frozen=True, slots=True)
class Pair(Generic[Ref]):
    """A request and its reply.

    Attributes:
        kind: What was asked and what answered.
        name: TestReqID(112) or ClOrdID(11); ``Logon`` for one.
        request: The client's message.
        reply: The venue's.
        outcome: What the reply says. `DONE` and `REFUSED` are worth measuring.
    """

    kind: Exchange
    name: str
    request: Passed[Ref]
    reply: Passed[Ref]
    outcome: Outcome = Outcome.DONE


class Why(Enum):
    """Why a request has no reply that can be measured; the value is what people read."""

    OPEN = "no reply came"
    ENDED = "the connection ended before a reply came"
    REPLAYED = "the request or its reply was sent again, as a possible duplicate"
    REUSED = "its id was used again before a reply came"
    CROWDED = "too many requests were open at once"


@dataclass(frozen=True, slots=True)
class Unanswered(Generic[Ref]):
    """A request that was owed a reply and has none that can be measured.

    Attributes:
        kind: What was asked.
        name: As of a `Pair`.
        request: The client's message.
        why: What became of it.
    """

    kind: Exchange
    name: str
    request: Passed[Ref]
    why: Why


class Pairing(Generic[Ref]):
    """The open requests of one session, and what closes them.

    Args:
        questions: What asks and what answers.
        max_open: Requests of a kind that may be open; beyond it the oldest is given up. An eighth
            of it where no reply is owed.
    """

    def __init__(
        self, questions: Sequence[Question] = QUESTIONS, *, max_open: int = _MAX_OPEN
    ) -> None:
        self._max_open = max_open
        self._asking: dict[bytes, list[Question]] = {}
        self._answering: dict[bytes, list[Question]] = {}
        self._questions = {each.kind: each for each in questions}
        for each in questions:
            for msg_type in each.requests:
                self._asking.setdefault(msg_type, []).append(each)
            for msg_type in each.answers:
                self._answering.setdefault(msg_type, []).append(each)
        # A number stands for an id whose replies cannot be told apart: so many are to come.
        self._open: dict[Exchange, dict[bytes, Passed[Ref] | int]] = {
            each.kind: {} for each in questions
        }
        self._numbered: dict[bytes, Passed[Ref]] = {}

    def take(self, passed: Passed[Ref]) -> list[Pair[Ref] | Unanswered[Ref]]:
        """Take the next message of the session, in the order in which they passed.

        Returns:
            What has become certain with it.
        """
        return self._asked(passed) if passed.outgoing else self._answered(passed)

    def open(self) -> list[Unanswered[Ref]]:
        """Return the requests that are owed a reply and have none yet."""
        return [
            _unanswered(kind, key, request, Why.OPEN)
            for kind, requests in self._open.items()
            if self._questions[kind].owed
            for key, request in requests.items()
            if not isinstance(request, int)
        ]

    def end(self) -> list[Unanswered[Ref]]:
        """Say that the connection is over: what comes on the next one answers nothing of it.

        Returns:
            The requests that were owed a reply.
        """
        lost = [replace(each, why=Why.ENDED) for each in self.open()]
        for requests in self._open.values():
            requests.clear()
        self._numbered.clear()
        return lost

    def _asked(self, passed: Passed[Ref]) -> list[Pair[Ref] | Unanswered[Ref]]:
        message = passed.message
        questions = self._asking.get(message.msg_type)
        if questions is None:
            return []
        found: list[Pair[Ref] | Unanswered[Ref]] = []
        replayed = _is_replay(message)
        if message.msg_type == MsgType.Logon and not replayed:
            found += self.end()
        for question in questions:
            key = _key_of(question, passed)
            if key is None:
                continue
            found += self._opened(question, key, passed, replayed=replayed)
        if not replayed:
            self._number(passed)
        return found

    def _opened(
        self, question: Question, key: bytes, passed: Passed[Ref], *, replayed: bool
    ) -> list[Unanswered[Ref]]:
        requests = self._open[question.kind]
        before = requests.pop(key, None)
        if before is None:
            if not replayed:
                requests[key] = passed
        elif replayed:
            requests[key] = before if isinstance(before, int) else 1
            return _lost(question, key, before, Why.REPLAYED)
        else:
            requests[key] = before + 1 if isinstance(before, int) else 2
            return [
                lost for each in (before, passed) for lost in _lost(question, key, each, Why.REUSED)
            ]
        most = self._max_open if question.owed else max(1, self._max_open // _UNOWED_SHARE)
        if len(requests) <= most:
            return []
        oldest = next(iter(requests))
        return _lost(question, oldest, requests.pop(oldest), Why.CROWDED)

    def _number(self, passed: Passed[Ref]) -> None:
        """Remember a request by its MsgSeqNum(34), which a reject names it by."""
        number = passed.message.get(Tag.MsgSeqNum)
        if number is not None:
            self._numbered.pop(number, None)
            self._numbered[number] = passed
            if len(self._numbered) > self._max_open:
                del self._numbered[next(iter(self._numbered))]

    def _forget_number(self, request: Passed[Ref]) -> None:
        number = request.message.get(Tag.MsgSeqNum) or b""
        if self._numbered.get(number) is request:
            del self._numbered[number]

    def _answered(self, passed: Passed[Ref]) -> list[Pair[Ref] | Unanswered[Ref]]:
        message = passed.message
        if message.msg_type in _REJECTS:
            return self._rejected(passed)
        found: list[Pair[Ref] | Unanswered[Ref]] = []
        for question in self._answering.get(message.msg_type, ()):
            key = _key_of(question, passed)
            outcome = question.answers[message.msg_type](message)
            if key is not None and outcome is not None:
                found += self._close(question, key, passed, outcome)
        return found

    def _rejected(self, passed: Passed[Ref]) -> list[Pair[Ref] | Unanswered[Ref]]:
        request = self._numbered.get(passed.message.get(Tag.RefSeqNum) or b"")
        if request is None:
            return []
        found: list[Pair[Ref] | Unanswered[Ref]] = []
        for question in self._asking[request.message.msg_type]:
            key = _key_of(question, request)
            if key is None:
                continue
            held = self._open[question.kind].get(key)
            if held is request or isinstance(held, int):
                found += self._close(question, key, passed, Outcome.REJECTED)
        return found

    def _close(
        self, question: Question, key: bytes, reply: Passed[Ref], outcome: Outcome
    ) -> list[Pair[Ref] | Unanswered[Ref]]:
        requests = self._open[question.kind]
        request = requests.pop(key, None)
        if request is None:
            return []
        if isinstance(request, int):
            if request > 1:
                requests[key] = request - 1
            return []
        self._forget_number(request)
        if _is_replay(reply.message):
            return [*_lost(question, key, request, Why.REPLAYED)]
        return [Pair(question.kind, _name(question.kind, key), request, reply, outcome)]


def _key_of(question: Question, passed: Passed[Ref]) -> bytes | None:
    return b"" if question.key is None else passed.message.get(question.key)


def _is_replay(message: Message) -> bool:
    return message.get(Tag.PossDupFlag) == b"Y" or message.get(Tag.PossResend) == b"Y"


def _lost(
    question: Question, key: bytes, request: Passed[Ref] | int, why: Why
) -> list[Unanswered[Ref]]:
    if isinstance(request, int) or not question.owed:
        return []
    return [_unanswered(question.kind, key, request, why)]


def _unanswered(kind: Exchange, key: bytes, request: Passed[Ref], why: Why) -> Unanswered[Ref]:
    return Unanswered(kind, _name(kind, key), request, why)


def _name(kind: Exchange, key: bytes) -> str:
    return key.decode("latin-1") or kind.value.partition(" ")[0]

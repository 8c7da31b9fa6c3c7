"""Plays a scenario and judges it: told what happens and when, it says what to do next.

Theory of operation
-------------------
The player is pure, like the session: no clock, no socket. A world tells it what happens
(`observe`), lets it know that time has passed (`wake` at `deadline_ns`), and carries out its
commands (`take`). Everything that it is told goes into the history first, so telling it again
from a history gives the same verdict (`fixgate.scenario.replay`): the records of its own steps
tell at which other instants it was woken.

Each line of steps is a generator that yields the instant until which it waits; it is resumed
whenever there is news. Steps of a `Parallel` are several such lines, alternatives of an `AnyOf`
are lines that look at their own copy of what has arrived, of which one wins.

Expectations look at the wire in order. In a line of its own, an expectation takes the next message
that is not passed over, and fails on any other; among parallel lines each takes what it was
waiting for, and what nobody took is found at the end.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from fixgate.errors import ExpressionError
from fixgate.history import History
from fixgate.scenario import commands as do
from fixgate.scenario.comparison import Mismatch, mismatches
from fixgate.scenario.expressions import Value, evaluate
from fixgate.scenario.inbox import Arrived, Garbage, Inbox, View
from fixgate.scenario.matching import MessageMatch
from fixgate.scenario.model import Requirement, Scenario
from fixgate.scenario.records import (
    Asked,
    Closed,
    Done,
    Ended,
    LoggedOn,
    News,
    NotDone,
    Opened,
    Outcome,
    Sent,
    StepBegan,
    StepEnded,
    Wire,
)
from fixgate.scenario.steps import (
    Advance,
    AnyOf,
    ArmFault,
    Ask,
    Clear,
    Connect,
    Disconnect,
    Expect,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    HowClosed,
    Logout,
    Never,
    Parallel,
    Place,
    Repeat,
    Restart,
    Send,
    SendRaw,
    SetSeqNum,
    Step,
    Wait,
)
from fixgate.scenario.verdict import Finding, Result, Verdict
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.scenario.wording import Wording
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["SETTLE_NS", "Player"]

SETTLE_NS = 250_000_000
"""After the last step: how long what nobody expected gets to arrive."""

_PASSED_OVER = frozenset({MsgType.Heartbeat, MsgType.TestRequest})
_DAY_NS = 86_400_000_000_000

_Line: TypeAlias = Generator[int | None, None, None]
"""A line of steps. What it yields is the instant until which it waits; ``None`` for news only."""


class _UnmetError(Exception):
    """An expectation was not met."""

    def __init__(self, wanted: str, came: str) -> None:
        super().__init__(wanted, came)
        self.wanted = wanted
        self.came = came


class _UndeterminedError(_UnmetError):
    """It cannot be said whether an expectation is met: something of ours failed."""


@dataclass(slots=True)
class _Context:
    """What a line of steps knows.

    Attributes:
        views: How far it has looked, by actor.
        messages: Those that have a name.
        counters: Of the repetitions that it is in.
        parallel: Others are played beside it.
    """

    views: dict[str, View]
    messages: dict[str, Message] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    parallel: bool = False

    def fork(self) -> _Context:
        views = {actor: view.fork() for actor, view in self.views.items()}
        return replace(self, views=views, messages=dict(self.messages))

    def become(self, other: _Context) -> None:
        for actor, view in other.views.items():
            self.views[actor].become(view)
        self.messages.update(other.messages)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What an expression sees."""

    context: _Context
    vocabulary: Vocabulary
    now_ns: int
    serial: int

    def field(self, message: str, field: str) -> bytes | None:
        found, tag = self.context.messages.get(message), self.vocabulary.tag(field)
        return None if found is None or tag is None else found.get(tag)

    def counter(self, name: str) -> int | None:
        return self.context.counters.get(name)


@dataclass(slots=True)
class _Watch:
    """A `Never` in force."""

    step: Never
    number: int
    context: _Context


@dataclass(slots=True)
class _Standing:
    """How often something has happened on an actor's connections."""

    opened: int = 0
    logged_on: int = 0
    closed: int = 0
    goodbye: bool = False


class Player:
    """Plays one scenario.

    Args:
        scenario: What.
        history: Gets a record of everything.
        vocabulary: Of the scenario's version.
        patience_ns: How long a person may take to start, or to do what is asked, beyond what the
            scenario allows; 0 in the virtual world.

    Attributes:
        verdict: How it ended; ``None`` while it is played.
        deadline_ns: When `wake` must be called; ``None`` when it has ended.
    """

    def __init__(
        self,
        scenario: Scenario,
        history: History,
        vocabulary: Vocabulary,
        *,
        patience_ns: int = 0,
    ) -> None:
        self.verdict: Verdict | None = None
        self.deadline_ns: int | None = None
        self._scenario = scenario
        self._history = history
        self._vocabulary = vocabulary
        self._wording = Wording(vocabulary)
        self._patience_ns = patience_ns
        self._passed_over = _PASSED_OVER | scenario.ignore
        self._inboxes: dict[str, Inbox] = {}
        self._standing: dict[str, _Standing] = {}
        for actor in scenario.actors:
            self._inboxes[actor.name] = []
            self._standing[actor.name] = _Standing()
        self._context = _Context({name: View(box) for name, box in self._inboxes.items()})
        self._watches: list[_Watch] = []
        self._commands: list[do.Command] = []
        self._given = 0
        self._answers: dict[int, Sent | Done | NotDone | Asked] = {}
        self._asked = False
        self._steps = 0
        self._now_ns = self._limit_ns = 0
        self._deviations: list[Finding] = []
        self._broken: Finding | None = None
        self._line: _Line | None = None

    # What a world calls.

    def begin(self, now_ns: int) -> None:
        """Begin with the first step."""
        self._now_ns = now_ns
        self._limit_ns = now_ns + self._scenario.limit_ns
        self._line = self._all()
        self._go_on()

    def observe(self, at_ns: int, glyph: str, what: News) -> None:
        """Take note of something that has happened, and go on.

        Args:
            at_ns: When; never before what was told last.
            glyph: As in the history.
            what: What.
        """
        self._history.add((at_ns, glyph, what))
        if self.verdict is None:
            self._now_ns = max(self._now_ns, at_ns)
            self._take_in(glyph, what)
            self._go_on()

    def wake(self, now_ns: int) -> None:
        """Note that time has passed, and go on."""
        if self.verdict is None:
            self._now_ns = max(self._now_ns, now_ns)
            self._go_on()

    def take(self) -> list[do.Command]:
        """Return what is to be done now, in order."""
        commands, self._commands = self._commands, []
        return commands

    def abandon(self, text: str) -> None:
        """End: something of ours has failed, and nothing can be said."""
        if self.verdict is None:
            place = Place(self._scenario.path, 0, "fixgate itself")
            self._end(Result.INCONCLUSIVE, Finding(place, 0, "no failure of ours", text, self._now_ns))

    # News.

    def _take_in(self, glyph: str, what: News) -> None:
        match what:
            case Wire(actor=actor, data=data, garbled=garbled):
                if glyph == "<":
                    self._received(actor, data, garbled)
            case Opened(actor=actor):
                self._standing[actor].opened += 1
                self._standing[actor].goodbye = False
                self._arrived(actor, what)
            case Closed(actor=actor, by_peer=by_peer):
                self._standing[actor].closed += 1
                if by_peer:
                    self._arrived(actor, what)
            case LoggedOn(actor=actor):
                self._standing[actor].logged_on += 1
            case Sent(command=command) | Done(command=command) | NotDone(command=command):
                self._answers[command] = what
            case Asked():
                self._asked = True
            case _:
                pass

    def _received(self, actor: str, data: bytes, garbled: str) -> None:
        message = Garbage(garbled) if garbled else decode(data)
        if not isinstance(message, Message):
            self._arrived(actor, Garbage(message.text))
            return
        if message.msg_type == MsgType.Logout:
            self._standing[actor].goodbye = True
        self._arrived(actor, message)
        for watch in self._watches:
            if watch.step.on == actor and not self._unlike(watch.step.match, message, watch.context):
                self._forbidden(watch, message)

    def _forbidden(self, watch: _Watch, message: Message) -> None:
        found = Finding(
            watch.step.place, watch.number, f"never: {watch.step.place.text}",
            self._wording.message(message), self._now_ns,
        )  # fmt: skip
        if watch.step.place.should:
            self._deviations.append(found)
        else:
            self._broken = self._broken or found

    def _arrived(self, actor: str, what: Message | Garbage | Opened | Closed) -> None:
        self._inboxes[actor].append(Arrived(self._now_ns, what))

    # Going on.

    def _go_on(self) -> None:
        line = self._line
        if line is None or self.verdict is not None:
            return
        if self._broken is not None:
            self._end(Result.FAIL, self._broken)
            return
        try:
            waits = next(line)
        except StopIteration:
            self._end(Result.PASS)
        except _FailedError as failed:
            self._end(failed.result, failed.finding)
        else:
            if self._now_ns >= self._limit_ns:
                place = Place(self._scenario.path, 0, "the whole scenario")
                wanted = f"an end within {self._wording.duration(self._scenario.limit_ns)}"
                found = Finding(place, 0, wanted, "it goes on", self._now_ns)
                self._end(Result.INCONCLUSIVE, found)
            else:
                self.deadline_ns = self._limit_ns if waits is None else min(waits, self._limit_ns)

    def _end(self, result: Result, *findings: Finding) -> None:
        self.deadline_ns = None
        self._commands.clear()
        if self._line is not None:
            self._line.close()
            self._line = None
        self.verdict = Verdict(result, findings, tuple(self._deviations))
        self._note(Ended(result.value))

    def _all(self) -> _Line:
        yield from self._play(self._scenario.steps, self._context)
        yield from self._until(self._now_ns + SETTLE_NS)
        if not self._scenario.leftovers:
            self._no_leftovers()

    def _no_leftovers(self) -> None:
        for actor, view in self._context.views.items():
            for _, arrived in view.unread():
                if left := self._left_over(actor, arrived.what):
                    place = Place(self._scenario.path, 0, "the end of the scenario")
                    found = Finding(place, 0, "nothing more", left, arrived.at_ns)
                    if self._scenario.requirement is Requirement.MUST:
                        raise _FailedError(Result.FAIL, found)
                    self._deviations.append(found)

    def _left_over(self, actor: str, what: Message | Garbage | Opened | Closed) -> str:
        match what:
            case Message():
                return "" if self._passes_over(what) else self._wording.message(what)
            case Garbage(text=text):
                return f"bytes that are no message: {text}"
            case Closed():
                return "" if self._standing[actor].goodbye else self._wording.closed(what)
            case Opened():
                return ""
            case _:
                assert_never(what)

    def _play(self, steps: Iterable[Step], context: _Context) -> _Line:
        for step in steps:
            self._steps += 1
            number = self._steps
            place = step.place
            self._note(StepBegan(number, place.line, place.text))
            try:
                yield from self._step(step, number, context)
            except _UnmetError as unmet:
                self._judge(place, number, unmet)
            else:
                self._note(StepEnded(number, Outcome.OK))

    def _judge(self, place: Place, number: int, unmet: _UnmetError) -> None:
        finding = Finding(place, number, unmet.wanted, unmet.came, self._now_ns)
        if isinstance(unmet, _UndeterminedError):
            self._note(StepEnded(number, Outcome.INCONCLUSIVE, unmet.came))
            raise _FailedError(Result.INCONCLUSIVE, finding) from None
        if place.should or self._scenario.requirement is Requirement.SHOULD:
            self._note(StepEnded(number, Outcome.DEVIATION, unmet.came))
            self._deviations.append(finding)
            return
        self._note(StepEnded(number, Outcome.FAILED, unmet.came))
        raise _FailedError(Result.FAIL, finding) from None

    def _note(self, what: StepBegan | StepEnded | Ended) -> None:
        self._history.add((self._now_ns, "#", what))

    def _step(self, step: Step, number: int, context: _Context) -> _Line:
        match step:
            case Connect():
                yield from self._connect(step, context)
            case Disconnect(on=on, how=how):
                yield from self._do(do.DisconnectIt(self._next(), on, how), "to disconnect")
            case Logout():
                yield from self._logout(step, context)
            case Send() | SendRaw():
                yield from self._send(step, context)
            case Expect() | ExpectClosed() | ExpectConnection() | ExpectSilence():
                yield from self._expectation(step, context)
            case AnyOf():
                yield from self._any_of(step, context)
            case Never():
                self._watches.append(_Watch(step, number, context))
            case Wait(for_ns=for_ns):
                yield from self._until(self._now_ns + for_ns)
            case Advance():
                yield from self._until(self._hence(step))
            case ArmFault(on=on, armed=armed):
                yield from self._do(do.ArmIt(self._next(), on, armed), "to arm it")
            case Clear(on=on, name=name):
                yield from self._clear(on, name)
            case Restart():
                yield from self._restart(step)
            case SetSeqNum(on=on, next_out=next_out, next_in=next_in):
                out, in_ = (self._number(each, context) for each in (next_out, next_in))
                yield from self._do(
                    do.SetNumbersIt(self._next(), on, out, in_), "a session to set the numbers of"
                )
            case Ask():
                yield from self._ask(step, context)
            case Parallel():
                yield from self._parallel(step, context)
            case Repeat():
                for round_ in range(1, step.times + 1):
                    if step.counter:
                        context.counters[step.counter] = round_
                    yield from self._play(step.steps, context)
            case _:
                assert_never(step)

    # Doing.

    def _next(self) -> int:
        self._given += 1
        return self._given

    def _do(
        self, command: do.Command, wanted: str
    ) -> Generator[int | None, None, Sent | None]:
        """Have the world carry out a command, and wait until it has."""
        self._commands.append(command)
        while (answer := self._answers.pop(command.number, None)) is None:
            yield None
        if isinstance(answer, NotDone):
            raise _UndeterminedError(wanted, answer.text)
        return answer if isinstance(answer, Sent) else None

    def _until(self, at_ns: int) -> _Line:
        while self._now_ns < at_ns:
            yield at_ns

    def _hence(self, step: Advance) -> int:
        if step.by_ns is not None:
            return self._now_ns + step.by_ns
        today_ns = self._now_ns - self._now_ns % _DAY_NS + (step.to_ns or 0)
        return today_ns if today_ns > self._now_ns else today_ns + _DAY_NS

    def _began(self) -> bool:
        """Whether the system under test has ever let us in, or come to us."""
        return any(standing.logged_on for standing in self._standing.values())

    def _connect(self, step: Connect, context: _Context) -> _Line:
        began, standing = self._began(), self._standing[step.on]
        opened, logged_on, closed = standing.opened, standing.logged_on, standing.closed
        number = self._next()
        self._commands.append(do.ConnectIt(number, step.on, step.logon))
        within_ns = step.within_ns if began else max(step.within_ns, self._patience_ns)
        until_ns = self._now_ns + within_ns
        trouble = _UnmetError if began else _UndeterminedError
        what = "both Logons" if step.logon else "a connection"
        wanted = f"{what} within {self._wording.duration(within_ns)}"
        while (standing.logged_on == logged_on) if step.logon else (standing.opened == opened):
            answer = self._answers.get(number)
            if isinstance(answer, NotDone):
                raise trouble(wanted, answer.text)
            if self._now_ns >= until_ns:
                come = "a connection, no Logon" if standing.opened > opened else "nothing"
                raise trouble(wanted, come if standing.closed == closed else self._ended_how(step.on))
            yield until_ns
        self._answers.pop(number, None)
        self._consume(context.views[step.on], logon=step.logon)

    def _ended_how(self, actor: str) -> str:
        for arrived in reversed(self._inboxes[actor]):
            if isinstance(arrived.what, Message) and arrived.what.msg_type == MsgType.Logout:
                return self._wording.message(arrived.what)
        return "the connection was closed"

    @staticmethod
    def _consume(view: View, *, logon: bool) -> None:
        """Deal with the connection, and with the Logon that came on it."""
        for place, arrived in view.unread():
            if isinstance(arrived.what, Opened):
                view.take(place, before_too=False)
                break
        for place, arrived in view.unread() if logon else ():
            if isinstance(arrived.what, Message) and arrived.what.msg_type == MsgType.Logon:
                view.take(place, before_too=False)
                break

    def _logout(self, step: Logout, context: _Context) -> _Line:
        standing, view = self._standing[step.on], context.views[step.on]
        closed = standing.closed
        yield from self._do(do.LogoutIt(self._next(), step.on, step.text), "a session to end")
        until_ns = self._now_ns + step.within_ns
        wanted = f"a Logout(5) and the end within {self._wording.duration(step.within_ns)}"
        seen = False
        while True:
            for place, arrived in view.unread(until_ns):
                if isinstance(arrived.what, Message) and arrived.what.msg_type == MsgType.Logout:
                    view.take(place, before_too=False)
                    seen = True
            if seen and standing.closed > closed:
                self._drop_closed(view)
                return
            if standing.closed > closed:
                raise _UnmetError(wanted, "the connection was closed without a Logout(5)")
            if self._now_ns >= until_ns:
                raise _UnmetError(wanted, "a Logout(5), no end" if seen else "no Logout(5)")
            yield until_ns

    @staticmethod
    def _drop_closed(view: View) -> None:
        for place, arrived in view.unread():
            if isinstance(arrived.what, Closed):
                view.take(place, before_too=False)

    def _send(self, step: Send | SendRaw, context: _Context) -> _Line:
        command: do.Command
        match step:
            case Send(on=on, msg_type=msg_type, fields=fields):
                worked_out = self._worked_out(fields, context)
                command = do.SendIt(self._next(), on, msg_type, worked_out)
            case SendRaw(on=on, data=data):
                command = do.SendRawIt(self._next(), on, data)
        sent = yield from self._do(command, "to send it")
        if step.name and sent is not None:
            message = decode(sent.data)
            if isinstance(message, Message):
                context.messages[step.name] = message

    def _worked_out(
        self, fields: Sequence[tuple[int, Value]], context: _Context
    ) -> tuple[tuple[int, bytes], ...]:
        scope = self._scope(context)
        try:
            return tuple((tag, evaluate(value, scope)) for tag, value in fields)
        except ExpressionError as error:
            raise _UndeterminedError("a value for every field", str(error)) from error

    def _scope(self, context: _Context) -> _Scope:
        return _Scope(context, self._vocabulary, self._now_ns, self._steps)

    def _number(self, value: Value | None, context: _Context) -> int | None:
        if value is None:
            return None
        try:
            return int(evaluate(value, self._scope(context)))
        except (ExpressionError, ValueError) as error:
            raise _UndeterminedError("a number", str(error)) from error

    def _clear(self, on: str, name: str) -> _Line:
        before = len(self._watches)
        if name:
            self._watches = [each for each in self._watches if each.step.name != name]
        if len(self._watches) == before:
            yield from self._do(do.ClearIt(self._next(), on, name), "to clear it")

    def _restart(self, step: Restart) -> _Line:
        command = do.RestartIt(self._next(), step.actor, step.store, step.lost, step.down_ns)
        yield from self._do(command, "to restart it")

    def _ask(self, step: Ask, context: _Context) -> _Line:
        fields: tuple[tuple[int, bytes], ...] = ()
        if isinstance(step.does, Send):
            fields = self._worked_out(step.does.fields, context)
        yield from self._do(do.AskIt(self._next(), step, fields), "somebody to ask")

    # Expecting.

    def _expectation(
        self, step: Expect | ExpectClosed | ExpectConnection | ExpectSilence, context: _Context
    ) -> _Line:
        match step:
            case Expect():
                yield from self._expect(step, context)
            case ExpectClosed():
                yield from self._expect_closed(step, context)
            case ExpectConnection():
                yield from self._expect_connection(step, context)
            case ExpectSilence():
                yield from self._expect_silence(step, context)

    def _within(self, within_ns: int) -> int:
        """Return the deadline of an expectation; a person who was asked may take longer."""
        asked, self._asked = self._asked, False
        return self._now_ns + (max(within_ns, self._patience_ns) if asked else within_ns)

    def _expect(self, step: Expect, context: _Context) -> _Line:
        until_ns = self._within(step.within_ns)
        view = context.views[step.on]
        while True:
            for place, arrived in view.unread(until_ns):
                what = arrived.what
                unlike: tuple[Mismatch, ...] = ()
                if isinstance(what, Message):
                    unlike = self._unlike(step.match, what, context)
                    if not unlike:
                        view.take(place, before_too=not context.parallel)
                        if step.name:
                            context.messages[step.name] = what
                        return
                self._unless_passed_over(step.place, what, context, unlike)
            self._in_time(step.place, until_ns, step.within_ns)
            yield until_ns

    def _expect_closed(self, step: ExpectClosed, context: _Context) -> _Line:
        until_ns = self._within(step.within_ns)
        view = context.views[step.on]
        while True:
            for place, arrived in view.unread(until_ns):
                if isinstance(arrived.what, Closed):
                    reset = arrived.what.reset
                    if step.how is not None and reset != (step.how is HowClosed.RST):
                        raise _UnmetError(step.place.text, self._wording.closed(arrived.what))
                    view.take(place, before_too=not context.parallel)
                    return
                self._unless_passed_over(step.place, arrived.what, context)
            self._in_time(step.place, until_ns, step.within_ns)
            yield until_ns

    def _expect_connection(self, step: ExpectConnection, context: _Context) -> _Line:
        until_ns = self._within(step.within_ns)
        view = context.views[step.on]
        while True:
            for place, arrived in view.unread(until_ns):
                if isinstance(arrived.what, Opened):
                    view.take(place, before_too=not context.parallel)
                    return
                if not isinstance(arrived.what, Closed):
                    self._unless_passed_over(step.place, arrived.what, context)
            self._in_time(step.place, until_ns, step.within_ns)
            yield until_ns

    def _expect_silence(self, step: ExpectSilence, context: _Context) -> _Line:
        until_ns = self._now_ns + step.for_ns
        view = context.views[step.on]
        while True:
            for _, arrived in view.unread(until_ns):
                self._unless_passed_over(step.place, arrived.what, context)
            if self._now_ns >= until_ns:
                return
            yield until_ns

    def _in_time(self, place: Place, until_ns: int, within_ns: int) -> None:
        if self._now_ns >= until_ns:
            raise _UnmetError(place.text, f"nothing within {self._wording.duration(within_ns)}")

    def _passes_over(self, message: Message) -> bool:
        return message.msg_type in self._passed_over

    def _unless_passed_over(
        self,
        place: Place,
        what: Message | Garbage | Opened | Closed,
        context: _Context,
        unlike: tuple[Mismatch, ...] = (),
    ) -> None:
        """Fail on what has come instead; among parallel lines somebody else may want it."""
        if context.parallel:
            return
        match what:
            case Message():
                if not self._passes_over(what):
                    raise _UnmetError(place.text, self._wording.instead(what, unlike))
            case Garbage(text=text):
                raise _UnmetError(place.text, f"bytes that are no message: {text}")
            case Closed():
                raise _UnmetError(place.text, self._wording.closed(what))
            case Opened():
                pass
            case _:
                assert_never(what)

    def _unlike(
        self, match: MessageMatch, message: Message, context: _Context
    ) -> tuple[Mismatch, ...]:
        return mismatches(match, message, self._scope(context), self._vocabulary)

    def _any_of(self, step: AnyOf, context: _Context) -> _Line:
        lines = []
        for alternative in step.alternatives:
            fork = context.fork()
            lines.append((fork, self._in_turn(alternative, fork)))
        came: list[str] = []
        while lines:
            waits: list[int] = []
            alive = []
            for fork, line in lines:
                try:
                    at_ns = next(line)
                except StopIteration:
                    context.become(fork)
                    return
                except _UnmetError as unmet:
                    if unmet.came not in came:
                        came.append(unmet.came)
                else:
                    alive.append((fork, line))
                    if at_ns is not None:
                        waits.append(at_ns)
            lines = alive
            if lines:
                yield min(waits, default=None)
        raise _UnmetError(step.place.text, "; ".join(came))

    def _in_turn(self, steps: Iterable[Step], context: _Context) -> _Line:
        for step in steps:
            assert isinstance(step, Expect | ExpectClosed | ExpectConnection | ExpectSilence)
            yield from self._expectation(step, context)

    def _parallel(self, step: Parallel, context: _Context) -> _Line:
        beside = replace(context, parallel=True)
        lines = [self._play(branch, beside) for branch in step.branches]
        while lines:
            waits: list[int] = []
            alive = []
            for line in lines:
                try:
                    at_ns = next(line)
                except StopIteration:
                    continue
                alive.append(line)
                if at_ns is not None:
                    waits.append(at_ns)
            lines = alive
            if lines:
                yield min(waits, default=None)


class _FailedError(Exception):
    """The scenario has ended."""

    def __init__(self, result: Result, finding: Finding) -> None:
        super().__init__(result, finding)
        self.result = result
        self.finding = finding

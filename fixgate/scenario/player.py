"""Plays a scenario and judges it: told what happens and when, it says what to do next.

Theory of operation
-------------------
The player is pure, like the session: no clock, no socket. A world tells it what happens
(`observe`), lets it know that time has passed (`wake` at `deadline_ns`), and carries out its
commands (`take`). Everything that it is told goes into the history first, so telling it again
from a history gives the same verdict (`fixgate.scenario.archive`): the records of its own steps
tell at which other instants it was woken.

Each line of steps is a generator that yields the instant until which it waits; it is resumed
whenever there is news. Steps of a `Parallel` are several such lines; alternatives of an `AnyOf`
are lines that look at their own view of what has arrived, of which one wins. What a step does is in
`fixgate.scenario.doing`, what it may expect in `fixgate.scenario.expecting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from fixgate.history import History
from fixgate.scenario.commands import Command
from fixgate.scenario.context import Context
from fixgate.scenario.doing import Doing
from fixgate.scenario.expecting import Expecting, Line
from fixgate.scenario.inbox import Garbage, View
from fixgate.scenario.ledger import Ledger, Standing
from fixgate.scenario.model import Requirement, Scenario, Side
from fixgate.scenario.records import (
    Closed,
    Ended,
    News,
    Opened,
    Outcome,
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
from fixgate.scenario.unmet import FailedError, UndeterminedError, UnmetError
from fixgate.scenario.verdict import Finding, Result, Verdict
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.scenario.wording import Wording
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["SETTLE_NS", "Player"]

SETTLE_NS = 250_000_000
"""After the last step: how long what nobody expected gets to arrive."""


@dataclass(frozen=True, slots=True)
class _Watch:
    """A `Never` in force."""

    step: Never
    number: int
    context: Context


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
        self._wording = Wording(vocabulary)
        names = [actor.name for actor in scenario.actors]
        self._ledger = Ledger({name: [] for name in names}, {name: Standing() for name in names})
        self._expecting = Expecting(self._ledger, vocabulary, scenario.ignore, patience_ns)
        clients = frozenset(each.name for each in scenario.actors if each.side is Side.CLIENT)
        self._doing = Doing(self._ledger, self._expecting, self._wording, clients, patience_ns)
        self._context = Context({name: View(box) for name, box in self._ledger.inboxes.items()})
        self._watches: list[_Watch] = []
        self._deviations: list[Finding] = []
        self._broken: Finding | None = None
        self._limit_ns = 0
        self._line: Line | None = None

    # What a world calls.

    def begin(self, now_ns: int) -> None:
        """Begin with the first step."""
        self._ledger.now_ns = now_ns
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
        if self.verdict is not None:
            return
        self._ledger.now_ns = max(self._ledger.now_ns, at_ns)
        message = self._ledger.take_in(glyph, what)
        if message is not None and isinstance(what, Wire):
            self._look_out(what.actor, message)
        self._go_on()

    def wake(self, now_ns: int) -> None:
        """Note that time has passed, and go on."""
        if self.verdict is None:
            self._ledger.now_ns = max(self._ledger.now_ns, now_ns)
            self._go_on()

    def take(self) -> list[Command]:
        """Return what is to be done now, in order."""
        commands = self._doing.take()
        return commands if self.verdict is None else []

    def abandon(self, text: str) -> None:
        """End: something of ours has failed, and nothing can be said."""
        if self.verdict is None:
            self._end(
                Result.INCONCLUSIVE, self._whole("fixgate itself", "no failure of ours", text)
            )

    # Going on.

    def _go_on(self) -> None:
        line = self._line
        if line is None or self.verdict is not None:
            return
        if self._broken is not None:
            self._end(Result.FAIL, self._broken)
            return
        try:
            waits_ns = next(line)
        except StopIteration:
            self._end(Result.PASS)
        except FailedError as failed:
            self._end(failed.result, failed.finding)
        else:
            limit_ns = self._limit_ns
            if self._ledger.now_ns >= limit_ns:
                wanted = f"an end within {self._wording.duration(self._scenario.limit_ns)}"
                self._end(
                    Result.INCONCLUSIVE, self._whole("the whole scenario", wanted, "it goes on")
                )
            else:
                self.deadline_ns = limit_ns if waits_ns is None else min(waits_ns, limit_ns)

    def _end(self, result: Result, *findings: Finding) -> None:
        self.deadline_ns = None
        if self._line is not None:
            self._line.close()
            self._line = None
        self.verdict = Verdict(result, findings, tuple(self._deviations))
        self._note(Ended(result.value))

    def _note(self, what: StepBegan | StepEnded | Ended) -> None:
        self._history.add((self._ledger.now_ns, "#", what))

    def _whole(self, step: str, wanted: str, came: str) -> Finding:
        """Return a finding that belongs to no step."""
        place = Place(self._scenario.path, 0, step)
        return Finding(place, 0, wanted, came, self._ledger.now_ns)

    # Steps.

    def _all(self) -> Line:
        yield from self._play(self._scenario.steps, self._context)
        yield from self._doing.until(self._ledger.now_ns + SETTLE_NS)
        if not self._scenario.leftovers:
            self._no_leftovers()

    def _play(self, steps: Iterable[Step], context: Context) -> Line:
        for step in steps:
            self._ledger.steps += 1
            number, place = self._ledger.steps, step.place
            self._note(StepBegan(number, place.line, place.text))
            try:
                yield from self._step(step, number, context)
            except UnmetError as unmet:
                self._judge(place, number, unmet)
            else:
                self._note(StepEnded(number, Outcome.OK))

    def _step(self, step: Step, number: int, context: Context) -> Line:
        match step:
            case Expect() | ExpectClosed() | ExpectConnection() | ExpectSilence():
                yield from self._expecting.play(step, context)
            case AnyOf():
                yield from self._any_of(step, context)
            case Never():
                self._watches.append(_Watch(step, number, context))
            case Clear(name=name) if any(each.step.name == name for each in self._watches if name):
                self._watches = [each for each in self._watches if each.step.name != name]
            case Parallel():
                yield from self._parallel(step, context)
            case Repeat():
                for round_ in range(1, step.times + 1):
                    if step.counter:
                        context.counters[step.counter] = round_
                    yield from self._play(step.steps, context)
            case (
                Connect() | Disconnect() | Logout() | Send() | SendRaw() | Wait() | Advance()
                | ArmFault() | Clear() | Restart() | SetSeqNum() | Ask()
            ):  # fmt: skip
                yield from self._doing.play(step, context)
            case _:
                assert_never(step)

    def _any_of(self, step: AnyOf, context: Context) -> Line:
        lines = []
        for alternative in step.alternatives:
            fork = context.fork()
            lines.append((fork, self._in_turn(alternative, fork)))
        came: list[str] = []
        while lines:
            waits_ns: list[int] = []
            alive = []
            for fork, line in lines:
                try:
                    at_ns = next(line)
                except StopIteration:
                    context.become(fork)
                    return
                except UnmetError as unmet:
                    if unmet.came not in came:
                        came.append(unmet.came)
                    continue
                alive.append((fork, line))
                if at_ns is not None:
                    waits_ns.append(at_ns)
            lines = alive
            if lines:
                yield min(waits_ns, default=None)
        raise UnmetError(step.place.text, "; ".join(came))

    def _in_turn(self, steps: Iterable[Step], context: Context) -> Line:
        for step in steps:
            assert isinstance(step, Expect | ExpectClosed | ExpectConnection | ExpectSilence)
            yield from self._expecting.play(step, context)

    def _parallel(self, step: Parallel, context: Context) -> Line:
        beside = replace(context, parallel=True)
        lines = [self._play(branch, beside) for branch in step.branches]
        while lines:
            waits_ns: list[int] = []
            alive = []
            for line in lines:
                try:
                    at_ns = next(line)
                except StopIteration:
                    continue
                alive.append(line)
                if at_ns is not None:
                    waits_ns.append(at_ns)
            lines = alive
            if lines:
                yield min(waits_ns, default=None)

    # Judging.

    def _judge(self, place: Place, number: int, unmet: UnmetError) -> None:
        finding = Finding(place, number, unmet.wanted, unmet.came, self._ledger.now_ns)
        if isinstance(unmet, UndeterminedError):
            self._note(StepEnded(number, Outcome.INCONCLUSIVE, unmet.came))
            raise FailedError(Result.INCONCLUSIVE, finding) from None
        if self._forgives(place):
            self._note(StepEnded(number, Outcome.DEVIATION, unmet.came))
            self._deviations.append(finding)
            return
        self._note(StepEnded(number, Outcome.FAILED, unmet.came))
        raise FailedError(Result.FAIL, finding) from None

    def _forgives(self, place: Place) -> bool:
        return place.should or self._scenario.requirement is Requirement.SHOULD

    def _look_out(self, actor: str, message: Message) -> None:
        """Hold a message against every `Never`."""
        for watch in self._watches:
            step, context = watch.step, watch.context
            if step.on != actor or self._expecting.unlike(step.match, message, context):
                continue
            came = self._wording.message(message)
            found = Finding(step.place, watch.number, step.place.text, came, self._ledger.now_ns)
            if self._forgives(step.place):
                self._deviations.append(found)
            else:
                self._broken = self._broken or found

    def _no_leftovers(self) -> None:
        for actor, view in self._context.views.items():
            for _, arrived in view.unread():
                left = self._left_over(actor, arrived.what)
                if not left:
                    continue
                found = self._whole("the end of the scenario", "nothing more", left)
                if self._scenario.requirement is Requirement.MUST:
                    raise FailedError(Result.FAIL, found)
                self._deviations.append(found)

    def _left_over(self, actor: str, what: Message | Garbage | Opened | Closed) -> str:
        match what:
            case Message():
                # A client comes back when it likes.
                back = what.msg_type == MsgType.Logon
                passed_over = back or self._expecting.passes_over(what)
                return "" if passed_over else self._wording.message(what)
            case Garbage(text=text):
                return f"bytes that are no message: {text}"
            case Closed():
                goodbye = self._ledger.standings[actor].goodbye
                return "" if goodbye else self._wording.closed(what)
            case Opened():
                return ""
            case _:
                assert_never(what)

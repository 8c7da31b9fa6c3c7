"""Expectations: what the next thing must be that the system under test does.

An expectation takes the next message that is not passed over, and fails on any other; among
parallel lines each takes what it was waiting for. What comes after its deadline does not count, by
its own instant, however late the player is told.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, assert_never

from fixgate.scenario.comparison import Mismatch, mismatches
from fixgate.scenario.context import Context, Scope
from fixgate.scenario.inbox import Garbage
from fixgate.scenario.ledger import Ledger
from fixgate.scenario.matching import MessageMatch
from fixgate.scenario.records import Closed, Opened
from fixgate.scenario.steps import (
    Expect,
    Expectation,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    HowClosed,
    Place,
)
from fixgate.scenario.unmet import UnmetError
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.scenario.wording import Wording
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Expecting", "Line"]

Line: TypeAlias = Generator[int | None, None, None]
"""A line of steps. What it yields is the instant until which it waits; ``None`` for news only."""

_PASSED_OVER = frozenset({MsgType.Heartbeat, MsgType.TestRequest})


class Expecting:
    """Plays the expectations of one scenario.

    Args:
        ledger: What has happened.
        vocabulary: Of the scenario's version.
        ignore: MsgType(35) values that are passed over as well as Heartbeats and TestRequests.
        patience_ns: How long a person may take to do what was asked.
    """

    def __init__(
        self, ledger: Ledger, vocabulary: Vocabulary, ignore: frozenset[bytes], patience_ns: int
    ) -> None:
        self._ledger = ledger
        self._vocabulary = vocabulary
        self._wording = Wording(vocabulary)
        self._passed_over = _PASSED_OVER | ignore
        self._patience_ns = patience_ns

    def scope(self, context: Context) -> Scope:
        """Return what expressions see now."""
        return Scope(context, self._vocabulary, self._ledger.now_ns, self._ledger.steps)

    def unlike(
        self, match: MessageMatch, message: Message, context: Context
    ) -> tuple[Mismatch, ...]:
        """Return in what a message is not as expected."""
        return mismatches(match, message, self.scope(context), self._vocabulary)

    def play(self, step: Expectation, context: Context) -> Line:
        """Play one expectation; it raises `UnmetError` when it is not met."""
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
        asked, self._ledger.asked = self._ledger.asked, False
        return self._ledger.now_ns + (max(within_ns, self._patience_ns) if asked else within_ns)

    def _expect(self, step: Expect, context: Context) -> Line:
        until_ns = self._within(step.within_ns)
        view = context.views[step.on]
        begin, nearly = 0, ""
        while True:
            for place, arrived in view.unread(until_ns, begin):
                begin = place + 1
                what = arrived.what
                unlike: tuple[Mismatch, ...] = ()
                if isinstance(what, Message):
                    unlike = self.unlike(step.match, what, context)
                    if not unlike:
                        view.take(place, before_too=not context.parallel)
                        if step.name:
                            context.messages[step.name] = what
                        return
                    if what.msg_type not in step.match.msg_types:
                        unlike = ()  # the type says it all
                    nearly = nearly if not unlike else self._wording.instead(what, unlike)
                self._unless_passed_over(step.place, what, context, unlike)
            self._in_time(step.place, until_ns, step.within_ns, nearly)
            yield until_ns

    def _expect_closed(self, step: ExpectClosed, context: Context) -> Line:
        until_ns = self._within(step.within_ns)
        view, begin = context.views[step.on], 0
        while True:
            for place, arrived in view.unread(until_ns, begin):
                begin = place + 1
                if isinstance(arrived.what, Closed):
                    reset = arrived.what.reset
                    if step.how is not None and reset != (step.how is HowClosed.RST):
                        raise UnmetError(step.place.text, self._wording.closed(arrived.what))
                    view.take(place, before_too=not context.parallel)
                    return
                self._unless_passed_over(step.place, arrived.what, context)
            self._in_time(step.place, until_ns, step.within_ns)
            yield until_ns

    def _expect_connection(self, step: ExpectConnection, context: Context) -> Line:
        until_ns = self._within(step.within_ns)
        view, begin = context.views[step.on], 0
        while True:
            for place, arrived in view.unread(until_ns, begin):
                begin = place + 1
                if isinstance(arrived.what, Opened):
                    view.take(place, before_too=not context.parallel)
                    return
                if not isinstance(arrived.what, Closed):
                    self._unless_passed_over(step.place, arrived.what, context)
            self._in_time(step.place, until_ns, step.within_ns)
            yield until_ns

    def _expect_silence(self, step: ExpectSilence, context: Context) -> Line:
        until_ns = self._ledger.now_ns + step.for_ns
        view, begin = context.views[step.on], 0
        while True:
            for place, arrived in view.unread(until_ns, begin):
                begin = place + 1
                self._unless_passed_over(step.place, arrived.what, context)
            if self._ledger.now_ns >= until_ns:
                return
            yield until_ns

    def _in_time(self, place: Place, until_ns: int, within_ns: int, nearly: str = "") -> None:
        if self._ledger.now_ns >= until_ns:
            came = f"nothing within {self._wording.duration(within_ns)}"
            raise UnmetError(place.text, f"{came} but {nearly}" if nearly else came)

    def passes_over(self, message: Message) -> bool:
        """Return whether a message may come at any time.

        So may a GapFill with PossDupFlag(43)=Y: our own session has asked for it.
        """
        if message.msg_type == MsgType.SequenceReset:
            return message.get(Tag.PossDupFlag) == message.get(Tag.GapFillFlag) == b"Y"
        return message.msg_type in self._passed_over

    def _unless_passed_over(
        self,
        place: Place,
        what: Message | Garbage | Opened | Closed,
        context: Context,
        unlike: tuple[Mismatch, ...] = (),
    ) -> None:
        """Fail on what has come instead; among parallel lines somebody else may want it."""
        if context.parallel:
            return
        match what:
            case Message():
                if not self.passes_over(what):
                    raise UnmetError(place.text, self._wording.instead(what, unlike))
            case Garbage(text=text):
                raise UnmetError(place.text, f"bytes that are no message: {text}")
            case Closed():
                raise UnmetError(place.text, self._wording.closed(what))
            case Opened():
                pass
            case _:
                assert_never(what)

"""Plays one scenario on a stage: hands the player what happens, and carries out what it wants."""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, assert_never

from fixgate.history import History
from fixgate.scenario import commands as do
from fixgate.scenario.model import Scenario
from fixgate.scenario.player import Player
from fixgate.scenario.progress import NoProgress, Progress, watch
from fixgate.scenario.records import Asked, Done, News, NotDone, Sent
from fixgate.scenario.stage import Stage, virtual_stage
from fixgate.scenario.tap import Record
from fixgate.scenario.unmet import NotPossibleError
from fixgate.scenario.verdict import Verdict
from fixgate.scenario.virtual import VirtualLoop
from fixgate.scenario.vocabulary import Vocabulary, vocabulary_of

__all__ = ["LIVE", "START_NS", "VIRTUAL", "Run", "play", "play_virtually", "vocabulary_for"]

VIRTUAL, LIVE = "virtual", "live"

NOBODY: Progress = NoProgress()

START_NS = 1_772_442_000_000_000_000
"""When the virtual world begins: Monday, 2026-03-02, 09:00 UTC."""


_SIMPLE = do.DisconnectIt | do.LogoutIt | do.ArmIt | do.ClearIt | do.SetNumbersIt
"""Commands that are done at once and have nothing else to tell."""


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario that has been played.

    Attributes:
        scenario: Which.
        seed: Of its dice.
        world: ``virtual`` or ``live``.
        patience_ns: How long people could take; see `fixgate.scenario.player`.
        verdict: How it ended.
        history: Everything that happened; empty when it was skipped.
    """

    scenario: Scenario
    seed: int
    world: str
    patience_ns: int
    verdict: Verdict
    history: History


class _Runner:
    """One scenario while it is played."""

    def __init__(
        self,
        scenario: Scenario,
        vocabulary: Vocabulary,
        patience_ns: int,
        progress: Progress,
    ) -> None:
        self.history = History()
        watch(self.history, progress)
        self._progress = progress
        self._player = Player(scenario, self.history, vocabulary, patience_ns=patience_ns)
        self._loop = asyncio.get_running_loop()
        self._news: deque[tuple[int, str, News]] = deque()
        self._soon: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Future[Verdict] = self._loop.create_future()
        self._stage: Stage | None = None

    def record(self, glyph: str, what: News) -> None:
        """Take note of something that happens now, and tell the player in a moment."""
        if self._stage is None or self._player.verdict is not None:
            return
        self._news.append((self._stage.clock.now_ns(), glyph, what))
        if self._soon is None:
            self._soon = self._loop.call_soon(self._go_on)

    def stuck(self) -> None:
        """End: somebody is never done, and time does not pass."""
        text = "time stands still: somebody acts again and again at the same instant"
        self._player.abandon(text)
        self._go_on()

    async def play(self, stage: Stage) -> Verdict:
        """Play it to its end."""
        self._stage = stage
        await stage.under_test.start()
        self._player.begin(stage.clock.now_ns())
        self._go_on()
        try:
            return await self._ended
        finally:
            for handle in (self._soon, self._timer):
                if handle is not None:
                    handle.cancel()
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def _go_on(self) -> None:
        self._soon = None
        try:
            self._exchange()
        except Exception as error:  # the outermost frame: a fault of ours is no verdict
            self._player.abandon("".join(traceback.format_exception(error)))
        verdict = self._player.verdict
        if verdict is None:
            self._set_timer()
        elif not self._ended.done():
            self._ended.set_result(verdict)

    def _exchange(self) -> None:
        while True:
            while self._news:
                self._player.observe(*self._news.popleft())
            commands = self._player.take()
            for command in commands:
                self._carry_out(command)
            if not self._news and not commands:
                return

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline_ns = self._player.deadline_ns
        self._progress.waiting(deadline_ns)
        if deadline_ns is not None:
            left_ns = max(deadline_ns - self._now_ns(), 0)
            self._timer = self._loop.call_later(left_ns / 1e9, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._player.wake(self._now_ns())
        self._go_on()

    def _now_ns(self) -> int:
        assert self._stage is not None
        return self._stage.clock.now_ns()

    # Commands.

    def _carry_out(self, command: do.Command) -> None:
        assert self._stage is not None
        ours = self._stage.ours
        try:
            match command:
                case do.ConnectIt(number=number, on=on, logon=logon):
                    self._begin(number, ours[on].connect(logon=logon))
                case do.DisconnectIt(on=on, how=how):
                    ours[on].disconnect(how)
                case do.LogoutIt(on=on, text=text):
                    ours[on].logout(text)
                case do.SendIt(number=number, on=on, msg_type=msg_type, fields=fields):
                    self.record("#", Sent(on, number, ours[on].send(msg_type, fields)))
                case do.SendRawIt(number=number, on=on, data=data):
                    self.record("#", Sent(on, number, ours[on].send_raw(data)))
                case do.ArmIt(on=on, armed=armed):
                    ours[on].arm(armed)
                case do.ClearIt(on=on, name=name):
                    ours[on].clear(name)
                case do.RestartIt():
                    self._begin(command.number, self._restarted(command))
                case do.SetNumbersIt(on=on, next_out=next_out, next_in=next_in):
                    ours[on].set_numbers(next_out, next_in)
                case do.AskIt():
                    self._begin(command.number, self._asked(command))
                case _:
                    assert_never(command)
            if isinstance(command, _SIMPLE):
                self.record("#", Done(command.number))
        except NotPossibleError as error:
            self.record("#", NotDone(command.number, str(error)))

    def _begin(self, number: int, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(self._done(number, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _done(self, number: int, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except NotPossibleError as error:
            self.record("#", NotDone(number, str(error)))
        except Exception as error:  # the outermost frame of the task
            self._player.abandon("".join(traceback.format_exception(error)))
            self._go_on()
        else:
            self.record("#", Done(number))

    async def _restarted(self, command: do.RestartIt) -> None:
        assert self._stage is not None
        whom = self._stage.ours.get(command.actor) or self._stage.under_test
        await whom.restart(command.store, command.lost, command.down_ns)

    async def _asked(self, command: do.AskIt) -> None:
        assert self._stage is not None
        self.record("#", Asked(command.ask.text))
        await self._stage.under_test.ask(command.ask, command.fields)


async def play(
    scenario: Scenario,
    seed: int,
    make_stage: Callable[[Record], Stage],
    *,
    world: str = VIRTUAL,
    patience_ns: int = 0,
    progress: Progress = NOBODY,
) -> Run:
    """Play a scenario.

    Args:
        scenario: Which.
        seed: Of its dice.
        make_stage: Makes the stage, whose actors record to what it is given.
        world: Whose stage that is.
        patience_ns: How long people may take; see `fixgate.scenario.player`.
        progress: Who watches.
    """
    progress.scenario_began(scenario)
    runner = _Runner(scenario, vocabulary_for(scenario), patience_ns, progress)
    stage = make_stage(runner.record)
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualLoop):
        loop.stuck = runner.stuck
    try:
        verdict = await runner.play(stage)
    finally:
        for actor in stage.ours.values():
            await actor.end()
        await stage.under_test.end()
    progress.scenario_ended(scenario, verdict)
    return Run(scenario, seed, world, patience_ns, verdict, runner.history)


def play_virtually(scenario: Scenario, seed: int, progress: Progress = NOBODY) -> Run:
    """Play a scenario in the virtual world: the same seed gives the same history."""
    loop = VirtualLoop(START_NS)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(
            play(
                scenario,
                seed,
                lambda record: virtual_stage(scenario, seed, loop, record),
                progress=progress,
            )
        )


def vocabulary_for(scenario: Scenario) -> Vocabulary:
    """Return the names that a scenario's messages have."""
    session = next(actor.session for actor in scenario.actors if actor.session is not None)
    return vocabulary_of(session.id.begin_string, session.default_appl_ver_id)

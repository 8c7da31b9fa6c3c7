"""Steps that act: each gives the world a command, and waits until it has been carried out."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from fixgate.errors import ExpressionError
from fixgate.scenario import commands as do
from fixgate.scenario.context import Context
from fixgate.scenario.expecting import Expecting, Line
from fixgate.scenario.expressions import Value, evaluate
from fixgate.scenario.inbox import View
from fixgate.scenario.ledger import Ledger
from fixgate.scenario.records import Closed, NotDone, Opened, Sent
from fixgate.scenario.steps import (
    Advance,
    ArmFault,
    Ask,
    Clear,
    Connect,
    Disconnect,
    Logout,
    Restart,
    Send,
    SendRaw,
    SetSeqNum,
    Wait,
)
from fixgate.scenario.unmet import UndeterminedError, UnmetError
from fixgate.scenario.wording import Wording
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["CATCH_UP_NS", "Act", "Doing"]

CATCH_UP_NS = 500_000_000
"""With somebody's engine, after the first Logons: how long the two may take to close gaps that
earlier runs have left."""

_DAY_NS = 86_400_000_000_000

Act = (
    Connect
    | Disconnect
    | Logout
    | Send
    | SendRaw
    | Wait
    | Advance
    | ArmFault
    | Clear
    | Restart
    | SetSeqNum
    | Ask
)


class Doing:
    """Plays the steps of one scenario that act.

    Args:
        ledger: What has happened.
        expecting: Knows what expressions see.
        wording: Writes what came.
        clients: Those of our actors that connect.
        patience_ns: How long a person may take to start the system under test.
    """

    def __init__(
        self,
        ledger: Ledger,
        expecting: Expecting,
        wording: Wording,
        clients: frozenset[str],
        patience_ns: int,
    ) -> None:
        self._ledger = ledger
        self._expecting = expecting
        self._wording = wording
        self._clients = clients
        self._patience_ns = patience_ns
        self._commands: list[do.Command] = []
        self._given = 0

    def take(self) -> list[do.Command]:
        """Return what is to be done now, in order."""
        commands, self._commands = self._commands, []
        return commands

    def play(self, step: Act, context: Context) -> Line:
        """Play one step; it raises `UnmetError` when it does not come off."""
        match step:
            case Connect():
                yield from self._connect(step, context)
            case Disconnect(on=on, how=how):
                yield from self._do(do.DisconnectIt(self._next(), on, how), "to disconnect")
            case Logout():
                yield from self._logout(step, context)
            case Send() | SendRaw():
                yield from self._send(step, context)
            case Wait(for_ns=for_ns):
                yield from self.until(self._ledger.now_ns + for_ns)
            case Advance():
                yield from self.until(self._hence(step))
            case ArmFault(on=on, armed=armed):
                yield from self._do(do.ArmIt(self._next(), on, armed), "to arm it")
            case Clear(on=on, name=name):
                yield from self._do(do.ClearIt(self._next(), on, name), "to clear it")
            case Restart(actor=actor, store=store, lost=lost, down_ns=down_ns):
                command = do.RestartIt(self._next(), actor, store, lost, down_ns)
                yield from self._do(command, "to restart it")
            case SetSeqNum(on=on, next_out=next_out, next_in=next_in):
                out, in_ = (self._number(each, context) for each in (next_out, next_in))
                numbers = do.SetNumbersIt(self._next(), on, out, in_)
                yield from self._do(numbers, "a session to set the numbers of")
            case Ask():
                yield from self._ask(step, context)

    def until(self, at_ns: int) -> Line:
        """Let time pass."""
        while self._ledger.now_ns < at_ns:
            yield at_ns

    def _next(self) -> int:
        self._given += 1
        return self._given

    def _do(self, command: do.Command, wanted: str) -> Generator[int | None, None, Sent | None]:
        """Have the world carry out a command, and wait until it has."""
        self._commands.append(command)
        while (answer := self._ledger.answers.pop(command.number, None)) is None:
            yield None
        if isinstance(answer, NotDone):
            raise UndeterminedError(wanted, answer.text)
        return answer if isinstance(answer, Sent) else None

    def _hence(self, step: Advance) -> int:
        now_ns = self._ledger.now_ns
        if step.by_ns is not None:
            return now_ns + step.by_ns
        today_ns = now_ns - now_ns % _DAY_NS + (step.to_ns or 0)
        return today_ns if today_ns > now_ns else today_ns + _DAY_NS

    # Connections.

    def _connect(self, step: Connect, context: Context) -> Line:
        began, standing = self._ledger.began, self._ledger.standings[step.on]
        opened, logged_on, closed = standing.opened, standing.logged_on, standing.closed
        if opened > closed and _is_back(context.views[step.on]):
            # A client does not wait for this step to come back.
            opened, logged_on = opened - 1, logged_on - standing.up
        within_ns = step.within_ns if began else max(step.within_ns, self._patience_ns)
        until_ns = self._ledger.now_ns + within_ns
        # Before anything has been seen of the system under test, nothing can be said about it.
        trouble = UnmetError if began else UndeterminedError
        what = "both Logons" if step.logon else "a connection"
        wanted = f"{what} within {self._wording.duration(within_ns)}"
        number = self._next()
        self._commands.append(do.ConnectIt(number, step.on, step.logon))
        while (standing.logged_on == logged_on) if step.logon else (standing.opened == opened):
            answer = self._ledger.answers.get(number)
            if isinstance(answer, NotDone):
                raise trouble(wanted, answer.text)
            # A client under test may try again; ours would have to be told to.
            if standing.closed > closed and step.on in self._clients:
                raise trouble(wanted, self._last_word(step.on))
            if self._ledger.now_ns >= until_ns:
                if standing.closed > closed:
                    raise trouble(wanted, self._last_word(step.on))
                raise trouble(wanted, "no Logon" if standing.opened > opened else "nothing")
            yield until_ns
        self._ledger.answers.pop(number, None)
        _consume(context.views[step.on], logon=step.logon)
        if self._patience_ns and step.logon and not began:
            yield from self.until(self._ledger.now_ns + CATCH_UP_NS)
            _forget_the_past(context.views[step.on])

    def _last_word(self, actor: str) -> str:
        for arrived in reversed(self._ledger.inboxes[actor]):
            what = arrived.what
            if isinstance(what, Message) and what.msg_type == MsgType.Logout:
                return self._wording.message(what)
        return "the connection was closed"

    def _logout(self, step: Logout, context: Context) -> Line:
        standing, view = self._ledger.standings[step.on], context.views[step.on]
        closed = standing.closed
        yield from self._do(do.LogoutIt(self._next(), step.on, step.text), "a session to end")
        until_ns = self._ledger.now_ns + step.within_ns
        wanted = f"a Logout(5) and the end within {self._wording.duration(step.within_ns)}"
        seen = False
        while not (seen and standing.closed > closed):
            seen = _take_logout(view, until_ns) or seen
            if standing.closed > closed and not seen:
                raise UnmetError(wanted, "the connection was closed without a Logout(5)")
            if self._ledger.now_ns >= until_ns and standing.closed == closed:
                raise UnmetError(wanted, "a Logout(5), no end" if seen else "no Logout(5)")
            if standing.closed == closed:
                yield until_ns
        for place, arrived in view.unread():
            if isinstance(arrived.what, Closed):
                view.take(place, before_too=False)

    # Messages.

    def _send(self, step: Send | SendRaw, context: Context) -> Line:
        command: do.Command
        match step:
            case Send(on=on, msg_type=msg_type, fields=fields):
                worked_out = self._worked_out(fields, context)
                command = do.SendIt(self._next(), on, msg_type, worked_out)
            case SendRaw(on=on, data=data):
                command = do.SendRawIt(self._next(), on, data)
        sent = yield from self._do(command, "to send it")
        message = decode(sent.data) if sent is not None and step.name else None
        if isinstance(message, Message):
            context.messages[step.name] = message

    def _worked_out(
        self, fields: Sequence[tuple[int, Value]], context: Context
    ) -> tuple[tuple[int, bytes], ...]:
        scope = self._expecting.scope(context)
        try:
            return tuple((tag, evaluate(value, scope)) for tag, value in fields)
        except ExpressionError as error:
            raise UndeterminedError("a value for every field", str(error)) from error

    def _number(self, value: Value | None, context: Context) -> int | None:
        if value is None:
            return None
        try:
            return int(evaluate(value, self._expecting.scope(context)))
        except (ExpressionError, ValueError) as error:
            raise UndeterminedError("a number", str(error)) from error

    def _ask(self, step: Ask, context: Context) -> Line:
        fields: tuple[tuple[int, bytes], ...] = ()
        if isinstance(step.does, Send):
            fields = self._worked_out(step.does.fields, context)
        yield from self._do(do.AskIt(self._next(), step, fields), "somebody to ask")


def _is_back(view: View) -> bool:
    """Return whether a connection has come that no step has looked at."""
    return any(isinstance(arrived.what, Opened) for _, arrived in view.unread())


def _forget_the_past(view: View) -> None:
    """Pass over what the two sides have to sort out from before the scenario."""
    for place, arrived in view.unread():
        if isinstance(arrived.what, Message) and _is_catching_up(arrived.what):
            view.take(place, before_too=False)


def _is_catching_up(message: Message) -> bool:
    asks = message.msg_type in (MsgType.ResendRequest, MsgType.SequenceReset)
    return asks or message.get(Tag.PossDupFlag) == b"Y"


def _consume(view: View, *, logon: bool) -> None:
    """Deal with the newest connection and the Logon on it, and with those of attempts before."""
    unread = list(view.unread())
    newest = max((p for p, arrived in unread if isinstance(arrived.what, Opened)), default=-1)
    for place, arrived in unread:
        what = arrived.what
        if isinstance(what, Opened) or (isinstance(what, Closed) and place < newest):
            view.take(place, before_too=False)
        elif isinstance(what, Message) and what.msg_type == MsgType.Logon:
            if place < newest or logon:
                view.take(place, before_too=False)
            if place > newest:
                break


def _take_logout(view: View, until_ns: int) -> bool:
    for place, arrived in view.unread(until_ns):
        if isinstance(arrived.what, Message) and arrived.what.msg_type == MsgType.Logout:
            view.take(place, before_too=False)
            return True
    return False

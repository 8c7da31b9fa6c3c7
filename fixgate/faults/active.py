"""An armed fault at work: which messages concern it, which the trigger chooses, what it does."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from fixgate.dice import Dice
from fixgate.faults.armed import ArmedFault, Way
from fixgate.faults.concern import concerns, names
from fixgate.faults.corrupting import ByteFault, Edit, corrupt
from fixgate.faults.editing import FieldFault, edit
from fixgate.faults.effect import Effect, Rewrite, Scene
from fixgate.faults.ending import (
    BlackholeEffect,
    CutEffect,
    EndEffect,
    GapFillEffect,
    RefuseLogonEffect,
)
from fixgate.faults.model import (
    Blackhole,
    Chop,
    ClockSkew,
    Coalesce,
    CorruptField,
    Cut,
    Delay,
    Drop,
    Duplicate,
    EndConnection,
    FakePossDup,
    FakePossResend,
    Fault,
    FlipBits,
    GapFillFlag,
    GapFillResend,
    Garbage,
    Ignore,
    InsertFields,
    Late,
    MissingSoh,
    Mute,
    RefuseConnections,
    RefuseLogon,
    RemoveFields,
    Renumber,
    Reorder,
    RepeatField,
    ResendForever,
    ResendWithoutPossDup,
    SetFields,
    ShiftResendRequest,
    SlowClose,
    Stall,
    SwapFields,
    Throttle,
    Truncate,
    WalkFields,
    WrongBodyLength,
    WrongCheckSum,
    WrongNewSeqNo,
    WrongTestReqID,
)
from fixgate.faults.ordering import (
    DuplicateEffect,
    LateEffect,
    Lose,
    MuteEffect,
    RenumberEffect,
    ReorderEffect,
    ResendForeverEffect,
)
from fixgate.faults.pacing import (
    ChopEffect,
    CoalesceEffect,
    DelayEffect,
    StallEffect,
    ThrottleEffect,
)
from fixgate.faults.walk import FieldWalker
from fixgate.wire.message import Message

__all__ = ["Active", "effect_of"]


class Active:
    """A fault that is armed.

    Args:
        armed: The fault, its trigger and its direction.
        now_ns: When it was armed.

    Attributes:
        armed: As given.
        effect: What it does.
        over: It was cleared, and only goes on with what it cannot leave off.
    """

    __slots__ = ("_applied", "_armed_ns", "_began", "_seen", "armed", "effect", "over")

    def __init__(self, armed: ArmedFault, now_ns: int) -> None:
        self.armed = armed
        self._armed_ns = now_ns
        self.effect = effect_of(armed.fault, now_ns, self.ends_ns)
        self.over = False
        self._seen = 0
        self._applied = 0
        self._began: set[int] = set()

    def acts_on(self, way: Way) -> bool:
        """Return whether it has to do with a direction."""
        return self.armed.way is way or isinstance(self.armed.fault, Blackhole)

    @property
    def waits_for_message(self) -> bool:
        """Whether the trigger chooses among messages, rather than an instant."""
        trigger = self.armed.trigger
        return bool(
            trigger.msg_types or trigger.fields or trigger.nth > 1 or trigger.probability < 1
        )

    @property
    def _at_once(self) -> bool:
        """Whether it acts on the connection itself, at an instant."""
        of_connection = isinstance(self.armed.fault, EndConnection | Stall | Blackhole)
        return of_connection and not self.waits_for_message

    def begins_ns(self, line: int, armed: set[str]) -> int | None:
        """Return when it acts on a connection itself; ``None`` when it does not, or not again.

        Args:
            line: Which connection.
            armed: The names of all that is armed.
        """
        trigger = self.armed.trigger
        times = trigger.times or 1
        if trigger.during and trigger.during not in armed:
            return None
        if self.over or not self._at_once or line in self._began or self._applied >= times:
            return None
        return self._armed_ns + trigger.after_ns

    def began(self, line: int) -> None:
        """Note that it has acted on a connection."""
        self._began.add(line)
        self._applied += 1

    def chooses(self, message: Message | None, now_ns: int, dice: Dice, armed: set[str]) -> bool:
        """Return whether it acts on what passes, and count it.

        Args:
            message: A whole message; ``None`` for other bytes.
            now_ns: Now.
            dice: Rolled only when everything else holds.
            armed: The names of all that is armed.
        """
        trigger = self.armed.trigger
        if self.over or self._at_once:
            return False
        if not concerns(self.armed.fault, message) or not names(trigger, message):
            return False
        self._seen += 1
        return self._seen >= trigger.nth and self._roll(now_ns, dice, armed)

    def meets(self, now_ns: int, dice: Dice, armed: set[str]) -> bool:
        """Return whether it acts on a connection that comes in, or on the end of one; count it."""
        self._seen += 1
        return self._seen >= self.armed.trigger.nth and self._roll(now_ns, dice, armed)

    def _roll(self, now_ns: int, dice: Dice, armed: set[str]) -> bool:
        trigger = self.armed.trigger
        if trigger.times is not None and self._applied >= trigger.times:
            return False
        if not self.in_time(now_ns) or (trigger.during and trigger.during not in armed):
            return False
        if trigger.probability < 1 and dice.random() >= trigger.probability:
            return False
        self._applied += 1
        return True

    def in_time(self, now_ns: int) -> bool:
        """Return whether it is time."""
        since_ns = now_ns - self._armed_ns - self.armed.trigger.after_ns
        for_ns = self.armed.trigger.for_ns
        return since_ns >= 0 and (for_ns is None or since_ns < for_ns)

    @property
    def ends_ns(self) -> int | None:
        """When its time is over, by itself."""
        trigger = self.armed.trigger
        if trigger.for_ns is None:
            return None
        return self._armed_ns + trigger.after_ns + trigger.for_ns


def effect_of(fault: Fault, now_ns: int, ends_ns: int | None) -> Effect:
    """Return what a fault does.

    Args:
        fault: The fault.
        now_ns: When it was armed.
        ends_ns: When its time is over.
    """
    match fault:
        case (
            FlipBits() | CorruptField() | WrongCheckSum() | WrongBodyLength() | MissingSoh()
            | Truncate() | Garbage()
        ):  # fmt: skip
            return Rewrite(partial(_corrupt, fault))
        case (
            SetFields() | InsertFields() | RemoveFields() | RepeatField() | SwapFields()
            | ClockSkew() | FakePossDup() | FakePossResend() | ResendWithoutPossDup()
            | ShiftResendRequest() | WrongNewSeqNo() | GapFillFlag() | WrongTestReqID() | Ignore()
        ):  # fmt: skip
            return Rewrite(partial(_edit, fault, now_ns))
        case WalkFields():
            return Rewrite(partial(_walk, FieldWalker(fault)))
        case Drop():
            return Lose()
        case Late():
            return LateEffect(fault)
        case Reorder():
            return ReorderEffect(fault)
        case Duplicate():
            return DuplicateEffect(fault)
        case Renumber():
            return RenumberEffect(fault)
        case Mute():
            return MuteEffect(fault)
        case ResendForever():
            return ResendForeverEffect(fault)
        case GapFillResend():
            return GapFillEffect()
        case RefuseLogon():
            return RefuseLogonEffect(fault)
        case Delay():
            return DelayEffect(fault)
        case Chop():
            return ChopEffect(fault)
        case Coalesce():
            return CoalesceEffect(fault)
        case Throttle():
            return ThrottleEffect(fault)
        case Stall():
            return StallEffect(fault)
        case EndConnection():
            return EndEffect(fault)
        case Cut():
            return CutEffect(fault)
        case Blackhole():
            return BlackholeEffect(ends_ns)
        case SlowClose() | RefuseConnections():
            return Effect()  # asked for when a connection ends, or comes in
        case _ as never:
            assert_never(never)


def _corrupt(fault: ByteFault, data: bytes, message: Message, scene: Scene) -> Edit | None:
    return corrupt(fault, data, message, scene.dice)


def _edit(
    fault: FieldFault, armed_ns: int, data: bytes, message: Message, scene: Scene
) -> Edit | None:
    return edit(fault, data, message, scene.now_ns - armed_ns)


def _walk(walker: FieldWalker, _: bytes, message: Message, __: Scene) -> Edit | None:
    return walker.next(message)

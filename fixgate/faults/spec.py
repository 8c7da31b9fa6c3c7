"""What a fault is called, what can be said of it, and what makes the value.

One table of these (`fixgate.faults.catalogue`) drives the loader of scenario files, the JSON
schema, ``fixgate faults`` and docs/faults.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from fixgate.dice import Distribution, Exponential, Fixed, LogNormal, Normal, Spike, Uniform
from fixgate.faults.armed import Way
from fixgate.faults.model import Fault, Fields

__all__ = [
    "DISTRIBUTIONS",
    "REQUIRED",
    "ActsOn",
    "DistributionSpec",
    "FaultSpec",
    "Group",
    "Kind",
    "Param",
    "ParamValue",
]


class Kind(Enum):
    """What a parameter is, and so what the loader reads and gives."""

    DURATION = "duration"
    """``500ms``: nanoseconds, an int; negative where ``low`` allows it."""
    COUNT = "count"
    """A whole number, an int; negative where ``low`` allows it."""
    PROBABILITY = "probability"
    """A float in (0, 1]."""
    TEXT = "text"
    """A str."""
    BYTES = "bytes"
    """Bytes, ``|`` for SOH."""
    TAG = "tag"
    """A field by name or number: an int."""
    TAGS = "tags"
    """A list of fields: a tuple of ints, not empty unless the default is."""
    FIELDS = "fields"
    """A mapping of fields to values: a tuple of (int, bytes), not empty."""
    MSG_TYPES = "msg_types"
    """Messages by name or MsgType(35): a frozenset of bytes."""
    CHOICE = "choice"
    """One of the values of ``choices``: its member."""
    DISTRIBUTION = "distribution"
    """A duration, or one key of `DISTRIBUTIONS` with its parameters: a `Distribution`."""


class _Required(Enum):
    REQUIRED = "required"


REQUIRED = _Required.REQUIRED
"""The default of a parameter that has none."""

ParamValue: TypeAlias = (
    int
    | float
    | str
    | bytes
    | tuple[int, ...]
    | Fields
    | frozenset[bytes]
    | Enum
    | Distribution
    | None
)
"""What `FaultSpec.build` takes; ``None`` where nothing was said and nothing is meant."""


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a fault.

    Attributes:
        name: As scenario files write it, and as `FaultSpec.build` takes it.
        kind: What it is.
        doc: What it says, one sentence without a full stop.
        default: When it is not said; `REQUIRED` when it must be.
        low: The least value, included, of a DURATION or COUNT.
        high: The greatest, included; ``None`` for no bound.
        choices: Of a CHOICE: its options are the values of this enum.
    """

    name: str
    kind: Kind
    doc: str
    default: ParamValue = REQUIRED
    low: int | None = None
    high: int | None = None
    choices: type[Enum] | None = None

    @property
    def required(self) -> bool:
        """Whether it must be said."""
        return self.default is REQUIRED

    @property
    def options(self) -> tuple[str, ...]:
        """What a CHOICE may be."""
        return () if self.choices is None else tuple(str(each.value) for each in self.choices)


class Group(Enum):
    """The chapters of the catalogue, in its order."""

    TRAFFIC = "Messages lost, late or twice"
    CORRUPTION = "Bytes of a message"
    FIELDS = "Fields of a message"
    SEQUENCE = "Sequence numbers"
    RESENDS = "Resends and resets"
    LIVENESS = "Heartbeats"
    LOGON = "Logon"
    STREAM = "The stream of bytes"
    CONNECTION = "The connection"


class ActsOn(Enum):
    """What the trigger of a fault chooses among."""

    MESSAGES = "messages"
    """Each message that the trigger chooses; what is no message passes."""
    BYTES = "bytes"
    """The bytes of each message that the trigger chooses, and what is no message, unless the
    trigger asks for types or fields."""
    CONNECTION = "connection"
    """The connection, after the first message that the trigger chooses; at once, or after
    ``after``, when the trigger chooses no messages."""
    LISTENER = "listener"
    """Connections that come in; only venues have it."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """An entry of the catalogue.

    Attributes:
        name: As scenario files write it after ``fault:``.
        group: Its chapter.
        summary: One line, without a full stop.
        story: When it happens and why a desk fears it.
        wire: What it looks like on the wire.
        build: Makes the value, from the parameters by name.
        params: What can be said of it.
        on: What it acts on.
        ways: The directions that make sense; the first is the default.
    """

    name: str
    group: Group
    summary: str
    story: str
    wire: str
    build: Callable[..., Fault]
    params: tuple[Param, ...] = ()
    on: ActsOn = ActsOn.MESSAGES
    ways: tuple[Way, ...] = (Way.OUT, Way.IN)


@dataclass(frozen=True, slots=True)
class DistributionSpec:
    """A distribution as files write it: ``by: {uniform: {low: 100ms, high: 2s}}``.

    Attributes:
        name: The key.
        summary: One line.
        build: Makes the value, from the parameters by name.
        params: DURATION and PROBABILITY; durations are named without their unit.
        rising: Two of them, of which the first may not be more than the second.
    """

    name: str
    summary: str
    build: Callable[..., Distribution]
    params: tuple[Param, ...]
    rising: tuple[str, str] | None = None


def _duration(name: str, doc: str) -> Param:
    return Param(name, Kind.DURATION, doc, low=0)


DISTRIBUTIONS = {
    each.name: each
    for each in (
        DistributionSpec(
            "fixed", "Always the same; a duration alone means this",
            lambda by: Fixed(by), (_duration("by", "How long"),),
        ),
        DistributionSpec(
            "uniform", "Anything from low to high",
            lambda low, high: Uniform(low, high),
            (_duration("low", "The least"), _duration("high", "The most")),
            ("low", "high"),
        ),
        DistributionSpec(
            "normal", "Around a mean, never below 0: jitter",
            lambda mean, deviation: Normal(mean, deviation),
            (_duration("mean", "The middle"), _duration("deviation", "The standard deviation")),
        ),
        DistributionSpec(
            "lognormal", "Mostly near the median, with a long tail: an exchange on a usual day",
            lambda median, p99: LogNormal(median, p99),
            (
                _duration("median", "Half of them take no longer"),
                _duration("p99", "99 of 100 take no longer"),
            ),
            ("median", "p99"),
        ),
        DistributionSpec(
            "exponential", "Mostly short, sometimes very long: a queue",
            lambda mean: Exponential(mean), (_duration("mean", "The mean"),),
        ),
        DistributionSpec(
            "spike", "Usually this, now and then that: a pause for garbage collection",
            lambda usual, rare, chance: Spike(usual, rare, chance),
            (
                _duration("usual", "Most of the time"),
                _duration("rare", "Now and then"),
                Param("chance", Kind.PROBABILITY, "How often the rare one comes"),
            ),
        ),
    )
}  # fmt: skip
"""By their keys. What does not rise is the loader's to refuse."""

"""The shape of ``stages`` of a venue file: where the venue takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, create_model

from fixgate.config import fields as f
from fixgate.config.base import Strict
from fixgate.config.units import parse_decimal, parse_duration
from fixgate.faults.spec import DISTRIBUTIONS, DistributionSpec, Kind
from fixgate.venue.stages import Partition, RequestStamp

__all__ = ["StageModel", "StagesModel"]

_LONGEST_NS = 86_400 * 1_000_000_000


def _delay(text: str) -> int:
    found = parse_duration(text)
    if found > _LONGEST_NS:
        raise ValueError("expected a duration of at most 24h")
    return found


def _chance(text: str) -> float:
    try:
        found = float(parse_decimal(text))
    except ValueError:
        found = 0
    if not 0 < found <= 1:
        raise ValueError("expected a chance above 0, at most 1")
    return found


_Delay = Annotated[
    int, f.Reads(_delay, {"type": "string", "pattern": r"^\d+(\.\d+)?(ns|us|ms|s|m|h)$"})
]
_Chance = Annotated[
    float, f.Reads(_chance, {"type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 1})
]
_TYPES = {Kind.DURATION: _Delay, Kind.PROBABILITY: _Chance}


def _model(spec: DistributionSpec) -> type[Strict]:
    """Return the shape of one distribution, as the catalogue says what it takes."""
    fields: dict[str, Any] = {
        param.name: (_TYPES[param.kind], Field(description=f"{param.doc}."))
        for param in spec.params
    }
    name = f"{spec.name.capitalize()}DelayModel"
    return create_model(name, __base__=Strict, __doc__=f"{spec.summary}.", **fields)


def _either(spec: DistributionSpec) -> tuple[object, object]:
    return (_model(spec) | None, Field(default=None, description=f"{spec.summary}."))


if TYPE_CHECKING:  # mypy takes no class that is made at run time for a type
    DelayModel = Strict
else:
    DelayModel = create_model(
        "DelayModel",
        __base__=Strict,
        __doc__="How long something takes: one of these.",
        **{name: _either(spec) for name, spec in DISTRIBUTIONS.items()},
    )


def _fixed(value: object) -> object:
    return {"fixed": {"by": value}} if isinstance(value, str) else value


def _only_delay(value: object) -> object:
    return {"delay": value} if isinstance(value, str) else value


_HowLong = Annotated[
    DelayModel | None,
    BeforeValidator(_fixed, json_schema_input_type=_Delay | DelayModel | None),
]


class PauseModel(Strict):
    """The stage stands still now and then, as for garbage collection."""

    every: f.Duration = Field(description="From one to the next, at least.")
    lasting: f.Duration = Field(description="How long each is.")


class StageModel(Strict):
    """One stage; a plain duration is its delay."""

    delay: _HowLong = Field(
        default=None, description="For each message: a duration, or a distribution."
    )
    pause: PauseModel | None = Field(
        default=None,
        description="Now and then nothing goes on: what comes meanwhile waits for the end.",
    )
    max_rate: f.Positive | None = Field(
        default=None, description="Messages a second; what comes faster waits."
    )


_Partition = Annotated[Partition, f.choice({each.value: each for each in Partition})]


class MatchingModel(StageModel):
    """Risk checks and the book; a plain duration is its delay."""

    partition: _Partition = Field(
        default=Partition.VENUE,
        description="venue (the default): one queue; instrument: one for each.",
    )


class ReadingModel(Strict):
    """The venue stops reading a connection, again and again."""

    stop_after: f.Positive = Field(description="After so many messages of the connection.")
    lasting: f.Duration = Field(description="How long it reads nothing.")
    receive_buffer: f.Size | None = Field(
        default=None,
        description="What the kernel takes meanwhile, roughly; by default as much as it likes.",
    )


_Stage = Annotated[
    StageModel | None,
    BeforeValidator(_only_delay, json_schema_input_type=_Delay | StageModel | None),
]
_Matching = Annotated[
    MatchingModel | None,
    BeforeValidator(_only_delay, json_schema_input_type=_Delay | MatchingModel | None),
]


_Stamps = Annotated[RequestStamp, f.choice({each.value: each for each in RequestStamp})]


class StagesModel(Strict):
    """Where a venue takes its time, on purpose; docs/stages.md."""

    gateway: _Stage = Field(
        default=None,
        description="In front of the session: everything that comes on a connection, in order.",
    )
    matching: _Matching = Field(
        default=None, description="Risk checks and the book: only what is of the application."
    )
    reports: _Stage = Field(
        default=None,
        description="The way of reports back, between TransactTime(60) and SendingTime(52).",
    )
    reply: _Stage = Field(
        default=None,
        description="Behind the session: everything that is sent on a connection, in order.",
    )
    reading: ReadingModel | None = Field(
        default=None, description="The venue stops reading its sockets for a while."
    )
    stamps: _Stamps | None = Field(
        default=None,
        description="Say the venue's own times in replies: RequestTime(5979), taken "
        "behind_gateway or before_gateway, TransactTime(60) as fine as it may be, and "
        "TrdRegTimestamps from FIX 5.0. By default nothing is said.",
    )
    seed: f.Seed = Field(
        default=1, description="Of the dice: the same seed gives the same delays; default 1."
    )

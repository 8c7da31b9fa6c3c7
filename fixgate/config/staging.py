"""``stages`` of a venue file into the stages of a venue."""

from __future__ import annotations

from fixgate.config.base import Strict
from fixgate.config.builder import Builder
from fixgate.config.stages import StageModel, StagesModel
from fixgate.config.units import format_duration
from fixgate.config.yaml import Path
from fixgate.dice import Distribution, Fixed
from fixgate.faults.spec import DISTRIBUTIONS
from fixgate.venue.stages import Partition, Pause, Reading, StageName, StageSettings, VenueStages

__all__ = ["build_stages"]

_AT_ONCE = Fixed(0)


def build_stages(model: StagesModel | None, path: Path, builder: Builder) -> VenueStages | None:
    """Return the stages of a venue; mistakes are in the builder's draft.

    Args:
        model: What is written.
        path: Where.
        builder: Of the file.
    """
    if model is None:
        return None
    made = {
        name.value: _stage(getattr(model, name.value), (*path, name.value), builder)
        for name in StageName
        if name is not StageName.READING
    }
    reading = None
    if (read := model.reading) is not None:
        reading = Reading(read.stop_after, read.lasting, read.receive_buffer)
    return VenueStages(
        **made,
        partition=Partition.VENUE if model.matching is None else model.matching.partition,
        reading=reading,
        stamps=model.stamps,
        seed=model.seed,
    )


def _stage(model: StageModel | None, path: Path, builder: Builder) -> StageSettings | None:
    if model is None:
        return None
    if model.delay is None and model.pause is None and model.max_rate is None:
        builder.draft.report(path, "this stage takes no time", "say delay, pause or max_rate")
    pause = None if model.pause is None else Pause(model.pause.every, model.pause.lasting)
    delay = _distribution(model.delay, (*path, "delay"), builder)
    return StageSettings(delay, pause, model.max_rate)


def _distribution(model: Strict | None, path: Path, builder: Builder) -> Distribution:
    written = {} if model is None else model.model_dump(exclude_none=True)
    if model is None:
        return _AT_ONCE
    if len(written) != 1:
        known, received = ", ".join(DISTRIBUTIONS), " and ".join(written) or "none"
        message = f"expected a duration, or one of {known}; received {received}"
        builder.draft.report(path, message)
        return _AT_ONCE
    ((name, given),) = written.items()
    spec = DISTRIBUTIONS[name]
    if spec.rising is not None:
        lesser, greater = spec.rising
        if given[lesser] > given[greater]:
            shown = format_duration(given[lesser]), format_duration(given[greater])
            message = f"{lesser} {shown[0]} is more than {greater} {shown[1]}"
            builder.draft.report((*path, name), message)
    return spec.build(**given)

"""pydantic's findings in a person's words, each at its place."""

from __future__ import annotations

import types
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fixgate.config.expand import Draft
from fixgate.config.fields import closest
from fixgate.config.models import SessionModel, SessionsFile, VenueFile, VenueModel
from fixgate.config.source import shown
from fixgate.config.yaml import Path

__all__ = ["valid_sessions", "valid_venue"]

M = TypeVar("M", bound=BaseModel)


def valid_venue(draft: Draft) -> VenueModel | None:
    """Return the venue, less the keys that have mistakes, so that the rest can be judged too.

    Every mistake is in the draft, and its path among the unusable.
    """
    whole = _validate(draft, VenueFile)
    if whole is not None and not draft.unusable:
        return whole.venue
    venue = draft.value["venue"] if isinstance(draft.value, dict) else None
    if not isinstance(venue, dict):
        return None
    failed = {path[1] for path in draft.unusable if len(path) > 1 and path[0] == "venue"}
    draft.unusable.update(("venue", key) for key in failed)
    return VenueModel.model_validate({k: v for k, v in venue.items() if k not in failed})


def valid_sessions(draft: Draft) -> dict[int, SessionModel]:
    """Return the sessions without mistakes, by their index; as `valid_venue`."""
    whole = _validate(draft, SessionsFile)
    if whole is not None and not draft.unusable:
        return dict(enumerate(whole.sessions))
    sessions = draft.value["sessions"] if isinstance(draft.value, dict) else None
    if not isinstance(sessions, list):
        return {}
    failed = {path[1] for path in draft.unusable if len(path) > 1 and path[0] == "sessions"}
    return {
        index: SessionModel.model_validate(session)
        for index, session in enumerate(sessions)
        if index not in failed
    }


def _validate(draft: Draft, model: type[M]) -> M | None:
    try:
        return model.model_validate(draft.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    for detail in details:
        _explain(draft, detail, model)
    _explain_missing(draft, [d["loc"] for d in details if d["type"] == "missing"])
    draft.unusable.update(detail["loc"] for detail in details)
    return None


def _explain(draft: Draft, detail: ErrorDetails, model: type[BaseModel]) -> None:
    path = detail["loc"]
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            known = _keys_at(model, path[:-1])
            hint = closest(str(path[-1]), known, likeness=0.7)
            if not hint and known:
                hint = f"known here: {', '.join(known)}" if len(known) <= 8 else ""
            draft.report(path, f"unknown key {shown(path[-1])}", hint, at_key=True)
        case "missing":
            pass  # told together; see _explain_missing
        case "fixgate":
            message = context["message"]
            received = draft.received(path) if context["show"] else ""
            draft.report(
                path, f"{message}; received {received}" if received else message, context["hint"]
            )
        case "too_short":
            draft.report(path, "expected at least one entry; received an empty list")
        case "list_type":
            draft.report(path, f"expected a list; received {draft.received(path)}")
        case "model_type" | "model_attributes_type":
            draft.report(path, f"expected a mapping; received {draft.received(path) or 'text'}")
        case _:
            draft.report(path, detail["msg"])


def _explain_missing(draft: Draft, paths: list[Path]) -> None:
    together: dict[Path, list[str]] = {}
    for path in paths:
        together.setdefault(path[:-1], []).append(str(path[-1]))
    for path, keys in together.items():
        draft.report_missing(path, keys)


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the mapping at ``path`` may have."""
    inner: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int) or inner is None:
            continue
        known = inner.model_fields.get(step)
        inner = _model_in(known.annotation) if known is not None else None
    return list(inner.model_fields) if inner is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations are anything
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, Union, types.UnionType):
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None

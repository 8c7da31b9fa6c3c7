"""Samples as JSON, one a line: kept runs can be judged again, and tests judge without a network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields

from fixgate.errors import ArchiveError
from fixgate.host.stall import Stall, StallKind
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.model import Exchange, Mark, Sample, StampSource, VenueTimes

__all__ = ["read_samples", "sample_line"]

_INSTANTS = (
    "app_sent_ns",
    "app_received_ns",
    "due_ns",
    "scheduled_ns",
    "sent_ns",
    "acked_ns",
    "received_ns",
    "card_ns",
    "done_ns",
)
_NUMBERS_OF_TCP = tuple(each.name for each in fields(TcpInfo))
_NUMBERS_OF_VENUE = tuple(each.name for each in fields(VenueTimes))


def sample_line(sample: Sample) -> str:
    """Return a sample as one line of JSON; what is not known is left out."""
    made: dict[str, object] = {"kind": sample.kind.value, "name": sample.name}
    made |= {name: getattr(sample, name) for name in _INSTANTS}
    made["source"] = sample.source.value
    made["marks"] = sorted(mark.value for mark in sample.marks) or None
    made["tcp_before"] = _of_value(sample.tcp_before)
    made["tcp_after"] = _of_value(sample.tcp_after)
    made["stalls"] = [[s.kind.value, s.begin_ns, s.end_ns] for s in sample.stalls] or None
    made["venue"] = _of_value(sample.venue)
    made["session"] = sample.session or None
    made["tls"] = sample.tls or None
    kept = {name: value for name, value in made.items() if value is not None}
    return json.dumps(kept, separators=(",", ":"))


def _of_value(value: TcpInfo | VenueTimes | None) -> dict[str, int] | None:
    if value is None:
        return None
    # Most counts of TCP are 0, and read as 0 where they are left out; an instant never is.
    left_out = 0 if isinstance(value, TcpInfo) else None
    return {name: number for name, number in asdict(value).items() if number != left_out}


def read_samples(lines: Iterable[str], path: str) -> Iterator[Sample]:
    """Yield the samples of lines that `sample_line` wrote; empty lines are skipped.

    Args:
        lines: Such as an open file.
        path: What they are of, for errors.

    Raises:
        ArchiveError: A line is no sample; says which field of it was wrong.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _sample(json.loads(line))
        except json.JSONDecodeError as error:
            raise ArchiveError(path, number, f"column {error.colno}: {error.msg}") from error
        except (TypeError, ValueError, KeyError) as error:
            raise ArchiveError(path, number, f"no sample: {error}") from error


def _sample(read: object) -> Sample:
    made = _mapping(read, "a sample")
    instants = {name: _integer(made, name) for name in _INSTANTS}
    sent_ns, received_ns = instants.pop("app_sent_ns"), instants.pop("app_received_ns")
    if sent_ns is None or received_ns is None:
        raise ValueError("app_sent_ns and app_received_ns must be there")
    return Sample(
        kind=Exchange(made["kind"]),
        name=str(made["name"]),
        app_sent_ns=sent_ns,
        app_received_ns=received_ns,
        source=StampSource(made.get("source", StampSource.USER.value)),
        **instants,
        marks=frozenset(Mark(each) for each in _list(made, "marks")),
        tcp_before=_tcp(made.get("tcp_before")),
        tcp_after=_tcp(made.get("tcp_after")),
        stalls=tuple(_stall(each) for each in _list(made, "stalls")),
        venue=_venue(made.get("venue")),
        session=str(made.get("session", "")),
        tls=made.get("tls") is True,
    )


def _mapping(read: object, what: str) -> Mapping[str, object]:
    if not isinstance(read, dict):
        raise TypeError(f"{what} is a JSON object, received {type(read).__name__}")
    return read


def _list(made: Mapping[str, object], name: str) -> list[object]:
    read = made.get(name, [])
    if not isinstance(read, list):
        raise TypeError(f"{name} is a list, received {type(read).__name__}")
    return read


def _integer(made: Mapping[str, object], name: str) -> int | None:
    read = made.get(name)
    if read is None or (isinstance(read, int) and not isinstance(read, bool)):
        return read
    raise TypeError(f"{name} is a whole number, received {read!r}")


def _tcp(read: object) -> TcpInfo | None:
    if read is None:
        return None
    made = _mapping(read, "TCP's account")
    return TcpInfo(**{name: _integer(made, name) or 0 for name in _NUMBERS_OF_TCP})


def _venue(read: object) -> VenueTimes | None:
    if read is None:
        return None
    made = _mapping(read, "the venue's account")
    known = {name: _integer(made, name) for name in _NUMBERS_OF_VENUE}
    precision_ns = known.pop("precision_ns")
    return VenueTimes(
        request_ns=known["request_ns"],
        transact_ns=known["transact_ns"],
        sending_ns=known["sending_ns"],
        precision_ns=1_000_000 if precision_ns is None else precision_ns,
        entered_ns=known["entered_ns"],
    )


def _stall(read: object) -> Stall:
    if not isinstance(read, list) or len(read) != 3:
        raise TypeError(f"a stall is its kind, begin and end, received {read!r}")
    kind, begin, end = read
    if not isinstance(begin, int) or not isinstance(end, int):
        raise TypeError(f"a stall's begin and end are whole numbers, received {read!r}")
    return Stall(StallKind(kind), begin, end)

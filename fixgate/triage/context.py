"""What a sample is judged beside: what is usual, and what happened at the same time.

A `Context` is a value, and holds all that a judgement looks at beside the sample. `Surroundings`
makes them of the samples of a run; whoever has a baseline of another day gives it along.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fixgate.host.stall import Stall
from fixgate.host.window import Window
from fixgate.triage.baseline import Baseline, baselines_of
from fixgate.triage.model import Exchange, Sample
from fixgate.triage.spans import Span, spans_of

__all__ = ["NEAR_NS", "Connect", "Context", "Elsewhere", "Placement", "Route", "Surroundings"]

NEAR_NS = 1_000_000_000
"""What happened so long before a request or after its reply is near in time."""

_NEAR_MOST = 400
"""Samples near in time that are looked at, on either side."""


@dataclass(frozen=True, slots=True)
class Connect:
    """A TCP connection that was opened: SYN and SYN/ACK are the two kernels' affair alone.

    Attributes:
        begin_ns: When it was asked for, CLOCK_REALTIME.
        end_ns: When it stood.
        rtt_ns: The round trip by our kernel's own measure, or as this process saw it.
        by_kernel: Whether it is the kernel's.
    """

    begin_ns: int
    end_ns: int
    rtt_ns: int
    by_kernel: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """Which way a session goes; an empty name is not known.

    Attributes:
        venue: Whose gateway it ends at.
        path: The line or carrier, or where it leaves this site.
    """

    venue: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How another session fared while a sample was on its way.

    Attributes:
        session: Its name.
        same_venue: Whether it ends at the same venue; ``None`` where that is not known.
        same_path: Whether it takes the same path; ``None`` likewise.
        slow: How many of its samples were slow on the wire then.
        count: How many there were.
    """

    session: str
    same_venue: bool | None
    same_path: bool | None
    slow: int
    count: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where on this machine the measuring ran; ``None`` is not known.

    Attributes:
        pinned: It was bound to few processors.
        isolated: They were kept free of others.
    """

    pinned: bool | None = None
    isolated: bool | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a sample is judged beside.

    Attributes:
        baseline: What is usual for the same exchange on the same session.
        others: What is usual for other exchanges on the same session.
        near: Other samples of the same session, near in time, by when they were sent.
        connects: Every connection to the same place of this run, by when it was asked for.
        stalls: When this process was held up, beside what the sample itself says.
        windows: What this machine counted meanwhile; empty where nobody did.
        elsewhere: How other sessions fared meanwhile.
        placement: Where on this machine the measuring ran.
    """

    baseline: Baseline = field(default_factory=Baseline)
    others: Mapping[Exchange, Baseline] = field(default_factory=dict)
    near: tuple[Sample, ...] = ()
    connects: tuple[Connect, ...] = ()
    stalls: tuple[Stall, ...] = ()
    windows: tuple[Window, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    placement: Placement = field(default_factory=Placement)

    def beside(self, other: Sample) -> Context:
        """Return what another sample of the same session, near in time, is judged beside."""
        return replace(
            self,
            baseline=self.others.get(other.kind, Baseline()),
            near=tuple(each for each in self.near if each != other),
        )


class Surroundings:
    """The samples of a run, sorted so that any of them finds what it is judged beside.

    Args:
        samples: Of all sessions; TCP connects among them serve as `Connect`.
        baselines: What is usual, instead of what is usual among the samples.
        connects: More connections that were opened, by session.
        stalls: When this process was held up, by when that began.
        windows: What this machine counted, one window or several after each other.
        routes: Which way sessions go, by their names.
        placement: Where on this machine the measuring ran.
    """

    def __init__(
        self,
        samples: Iterable[Sample],
        *,
        baselines: Mapping[tuple[str, Exchange], Baseline] | None = None,
        connects: Mapping[str, Iterable[Connect]] | None = None,
        stalls: Iterable[Stall] = (),
        windows: Iterable[Window] = (),
        routes: Mapping[str, Route] | None = None,
        placement: Placement | None = None,
    ) -> None:
        every = sorted(samples, key=lambda each: each.app_sent_ns)
        self._baselines = {**baselines_of(every), **(baselines or {})}
        self._stalls = tuple(sorted(stalls, key=lambda each: each.begin_ns))
        self._windows = tuple(windows)
        self._routes = routes or {}
        self._placement = placement or Placement()
        self._sessions: dict[str, list[Sample]] = {}
        for sample in every:
            self._sessions.setdefault(sample.session, []).append(sample)
        self._sent = {
            name: [each.app_sent_ns for each in group] for name, group in self._sessions.items()
        }
        self._longest = {
            name: max(each.app_ns for each in group) for name, group in self._sessions.items()
        }
        self._connects = {
            name: _connects(group, (connects or {}).get(name, ()))
            for name, group in self._sessions.items()
        }

    @property
    def baselines(self) -> Mapping[tuple[str, Exchange], Baseline]:
        """What is usual, by session and exchange."""
        return self._baselines

    def is_slow(self, sample: Sample) -> bool:
        """Whether a sample is slow on the wire, or as its caller saw it."""
        baseline = self._baselines.get((sample.session, sample.kind), Baseline())
        spans = spans_of(sample)
        looked_at = (Span.WIRE, Span.APP, Span.RESPONSE)
        return any(baseline.is_slow(span, spans[span]) for span in looked_at if span in spans)

    def context(self, sample: Sample) -> Context:
        """Return what a sample of the run is judged beside."""
        name = sample.session
        begin_ns, end_ns = _stretch(sample)
        near = self._between(name, begin_ns - NEAR_NS, end_ns + NEAR_NS)
        return Context(
            baseline=self._baselines.get((name, sample.kind), Baseline()),
            others={kind: each for (of, kind), each in self._baselines.items() if of == name},
            near=tuple(each for each in near if each != sample),
            connects=self._connects.get(name, ()),
            stalls=tuple(each for each in self._stalls if each.overlaps(begin_ns, end_ns)),
            windows=tuple(
                w for w in self._windows if w.begin_ns <= end_ns and begin_ns <= w.end_ns
            ),
            elsewhere=tuple(
                found
                for other in self._sessions
                if other != name and (found := self._fared(name, other, begin_ns, end_ns))
            ),
            placement=self._placement,
        )

    def _between(self, session: str, begin_ns: int, end_ns: int) -> list[Sample]:
        """Return the samples of a session that were on their way in a stretch of time."""
        group, sent = self._sessions.get(session, []), self._sent.get(session, [])
        # What was sent long before may be on its way still.
        first = bisect_left(sent, begin_ns - self._longest.get(session, 0))
        last = bisect_right(sent, end_ns)
        found = [each for each in group[first:last] if each.app_received_ns >= begin_ns]
        if len(found) <= 2 * _NEAR_MOST:
            return found
        middle = (begin_ns + end_ns) // 2
        return sorted(
            sorted(found, key=lambda each: abs(each.app_sent_ns - middle))[: 2 * _NEAR_MOST],
            key=lambda each: each.app_sent_ns,
        )

    def _fared(self, session: str, other: str, begin_ns: int, end_ns: int) -> Elsewhere | None:
        found = self._between(other, begin_ns, end_ns)
        if not found:
            return None
        ours, theirs = self._routes.get(session, Route()), self._routes.get(other, Route())
        slow = sum(1 for each in found if self._slow_on_wire(each))
        return Elsewhere(
            other,
            _same(ours.venue, theirs.venue),
            _same(ours.path, theirs.path),
            slow,
            len(found),
        )

    def _slow_on_wire(self, sample: Sample) -> bool:
        baseline = self._baselines.get((sample.session, sample.kind), Baseline())
        spans = spans_of(sample)
        span = Span.WIRE if Span.WIRE in spans else Span.APP
        return baseline.is_slow(span, spans[span])


def _stretch(sample: Sample) -> tuple[int, int]:
    due_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns
    return min(due_ns, sample.app_sent_ns), max(sample.app_received_ns, sample.app_sent_ns)


def _same(one: str, other: str) -> bool | None:
    return one == other if one and other else None


def _connects(group: Iterable[Sample], more: Iterable[Connect]) -> tuple[Connect, ...]:
    found = [*more, *(_connect_of(each) for each in group if each.kind is Exchange.TCP)]
    return tuple(sorted(found, key=lambda each: each.begin_ns))


def _connect_of(sample: Sample) -> Connect:
    # Of a connection that has just been opened the kernel knows one round trip: the SYN's.
    info = sample.tcp_after or sample.tcp_before
    measured = info.rtt_ns if info is not None else 0
    return Connect(
        sample.app_sent_ns, sample.app_received_ns, measured or sample.app_ns, measured > 0
    )

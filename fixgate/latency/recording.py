"""What a capture or a log gave: samples, and everything that gave none and why."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.triage.model import Exchange, Sample, StampSource

__all__ = ["Recording", "SessionFound", "Unmeasured"]


@dataclass(frozen=True, slots=True)
class SessionFound:
    """One session of a recording. Names are the peers': they may hold any character.

    Attributes:
        name: As `Sample.session` has it: BeginString(8), the client, the venue.
        client: SenderCompID(49) of whoever asks; empty where that cannot be told.
        venue: That of whoever answers, likewise.
        places: Of its connections, the two ends; of a log, the files.
        connections: How many connections it had; of a log, how many Logons of the client.
        messages: How many were read, of both sides.
        samples: How many of them made a sample.
    """

    name: str
    client: str
    venue: str
    places: tuple[str, ...]
    connections: int
    messages: int
    samples: int


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Requests of a session that make no sample.

    Attributes:
        session: Which, by its name.
        kind: What was asked.
        why: What became of them, for people.
        count: How many.
        names: TestReqID(112) or ClOrdID(11) of the first few.
    """

    session: str
    kind: Exchange
    why: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """All that was read of one set of files.

    Attributes:
        samples: By the instant of their replies, session by session.
        unmeasured: Requests without a reply, or with one that says nothing of latency.
        remarks: What was not used and why, and what is to be known of the rest, for people. They
            quote what was read, and may hold any character.
        sessions: The sessions, as they were first seen.
        began_ns: When the first message passed, nanoseconds since the epoch; ``None`` without one.
        ended_ns: When the last one did.
        precision_ns: How fine the instants are; no figure is finer.
        source: Whose clock they are from.
    """

    samples: tuple[Sample, ...]
    unmeasured: tuple[Unmeasured, ...]
    remarks: tuple[str, ...]
    sessions: tuple[SessionFound, ...]
    began_ns: int | None
    ended_ns: int | None
    precision_ns: int
    source: StampSource

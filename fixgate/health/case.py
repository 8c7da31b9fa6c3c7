"""What the judges share: the plan, the history sorted out, and how a finding is made."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.health.causes import CAUSES
from fixgate.health.events import TcpNoted
from fixgate.health.evidence import Scribe
from fixgate.health.model import CheckPlan, Evidence, Finding, Phase, Severity
from fixgate.health.reading import Reading
from fixgate.sampling.assembler import Assembler
from fixgate.triage.model import Exchange

__all__ = ["Case", "Charge"]

_EVER_NS = 1 << 63
_EVIDENCE_RECORDS = 4
_QUOTE_LENGTH = 240


@dataclass(frozen=True, slots=True)
class Charge:
    """A finding and the place in the history that proves it."""

    index: int
    finding: Finding


class Case:
    """One check to be judged."""

    def __init__(self, plan: CheckPlan, reading: Reading) -> None:
        self.plan = plan
        self.reading = reading
        self.scribe = Scribe(plan)
        self._wire: dict[tuple[Exchange, str], int] | None = None

    def wire_ns(self, kind: Exchange, name: bytes) -> int | None:
        """Return a round trip by the kernel's stamps; ``None`` where there are none.

        Args:
            kind: Of which exchange.
            name: TestReqID(112) or ClOrdID(11) of the request.
        """
        if self._wire is None:
            self._wire = self._measured()
        return self._wire.get((kind, name.decode("latin-1")))

    def _measured(self) -> dict[tuple[Exchange, str], int]:
        assembler = Assembler(self.plan.name, tls=self.plan.tls is not None)
        for at_ns, glyph, what in self.reading.records:
            assembler.take(at_ns, glyph, what)
        samples = (each.sample for each in assembler.samples(_EVER_NS))
        return {(s.kind, s.name): s.wire_ns for s in samples if s.wire_ns is not None}

    def charge(
        self,
        cause: str,
        phase: Phase,
        summary: str,
        index: int,
        *,
        severity: Severity | None = None,
        next_step: str | None = None,
    ) -> Charge:
        """Make a finding.

        Args:
            cause: One of `fixgate.health.causes.CAUSES`.
            phase: When it showed.
            summary: What was received and what was expected.
            index: The record that proves it; those before it are evidence too.
            severity: Instead of the cause's own.
            next_step: Instead of the cause's own.
        """
        known = CAUSES[cause]
        return Charge(
            index,
            Finding(
                cause,
                known.layer,
                severity or known.severity,
                phase,
                self.scribe.clean(summary),
                self.scribe.clean(next_step or known.next_step),
                self._evidence(index),
            ),
        )

    def quote(self, text: str) -> str:
        """Return a venue's words in quotation marks, cut when they go on and on."""
        cut = text if len(text) <= _QUOTE_LENGTH else text[:_QUOTE_LENGTH] + "..."
        return f'"{cut}"'

    @property
    def last(self) -> int:
        """The index of the last record."""
        return max(len(self.reading.records) - 1, 0)

    def _evidence(self, index: int) -> tuple[Evidence, ...]:
        records = self.reading.records[: index + 1]
        wanted = [
            r
            for i, r in enumerate(records)
            if i == index or (r.glyph in "<>~" and not isinstance(r.what, TcpNoted))
        ]
        written = (self.scribe.write(record) for record in wanted)
        return tuple(e for e in written if e is not None)[-_EVIDENCE_RECORDS:]

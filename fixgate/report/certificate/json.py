"""A certificate as one JSON document; every key is described in docs/certification.md."""

from __future__ import annotations

import json

from fixgate.certify.grading import Grade
from fixgate.report.certificate.rows import Certificate, Row
from fixgate.report.runs.json import run_object
from fixgate.report.text import format_instant, printable

__all__ = ["SCHEMA_VERSION", "render_json"]

SCHEMA_VERSION = 1


def render_json(certificate: Certificate) -> str:
    """Return the certificate as one JSON document in plain ASCII, ending in a line break."""
    report = certificate.report
    facts = report.facts
    document: dict[str, object] = {
        "schema": "fixgate-certificate",
        "schema_version": SCHEMA_VERSION,
        "fixgate_version": printable(facts.version),
        "pack": certificate.name,
        "title": certificate.title,
        "source": certificate.source,
        "versions": list(certificate.versions),
        "strict": certificate.strict,
        "world": facts.world,
        "address": printable(facts.address) or None,
        "seed": facts.seed,
        "began": format_instant(facts.began_ns),
        "began_ns": facts.began_ns,
        "duration_ns": facts.duration_ns,
        "exit_code": report.tally.exit_code,
        "summary": {
            "total": len(certificate.rows),
            **{grade.name.lower(): certificate.count(grade) for grade in Grade},
            "deviations": report.tally.deviations,
        },
        "cases": [_case(row) for row in certificate.rows],
        "runs": [run_object(account) for account in report.accounts],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _case(row: Row) -> dict[str, object]:
    return {
        "case": row.case,
        "title": row.title,
        "requirement": row.requirement or None,
        "level": row.level or None,
        "source": row.source or None,
        "under_test": row.side or None,
        "grade": row.grade.value,
        "deviations": row.deviations,
        "why": row.why or None,
        "evidence": [
            {
                "version": mark.version,
                "grade": mark.grade.value,
                "deviations": mark.deviations,
                "run": mark.run,
                "id": mark.id,
                "reason": mark.reason or None,
            }
            for mark in row.marks
        ],
    }

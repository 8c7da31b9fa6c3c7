"""The report of a check as one HTML file that needs no network, no JavaScript and no trust."""

from __future__ import annotations

from fixgate.health.model import FleetReport
from fixgate.report.document import render_document
from fixgate.report.page import page_of

__all__ = ["render_html"]


def render_html(fleet: FleetReport) -> str:
    """Return the whole page."""
    page = page_of(fleet)
    return render_document(
        "check.html.j2",
        page,
        styles=("base.css", "check.css", "host.css"),
        script="check.js",
        tone=page.tone,
    )

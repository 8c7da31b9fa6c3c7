"""The report of a measurement as one HTML file that needs no network and no trust."""

from __future__ import annotations

from fixgate.latency.model import LatencyReport
from fixgate.report.document import render_document
from fixgate.report.latency.page import page_of

__all__ = ["render_html"]


def render_html(report: LatencyReport) -> str:
    """Return the whole page."""
    page = page_of(report)
    return render_document(
        "latency.html.j2",
        page,
        styles=("base.css", "latency.css", "host.css"),
        script="latency.js",
        tone=page.tone,
    )

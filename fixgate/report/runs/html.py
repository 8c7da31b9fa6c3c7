"""The report of runs as one HTML file that needs no network, no JavaScript and no trust."""

from __future__ import annotations

from fixgate.report.document import render_document
from fixgate.report.runs.account import Report
from fixgate.report.runs.page import page_of

__all__ = ["render_html"]


def render_html(report: Report) -> str:
    """Return the whole page."""
    page = page_of(report)
    return render_document(
        "run.html.j2", page, styles=("base.css", "run.css"), script="run.js", tone=page.tone
    )

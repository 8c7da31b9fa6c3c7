"""The host's account as one HTML file that needs no network, no JavaScript and no trust."""

from __future__ import annotations

from fixgate.host.account import Account
from fixgate.host.comparison import Comparison
from fixgate.report.document import render_document
from fixgate.report.host.page import page_of

__all__ = ["render_html"]


def render_html(account: Account, comparison: Comparison | None = None) -> str:
    """Return the whole page."""
    page = page_of(account, comparison)
    return render_document(
        "host.html.j2",
        page,
        styles=("base.css", "host.css"),
        script="host.js",
        tone=page.tone,
    )

"""HTML documents that need no network and no trust: one file, its style and its script inside.

The policy in its head lets the browser run only the style and the script that were rendered
here, each named by its digest, and load nothing at all.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["render_document"]

_ICON_COLOURS = {"go": "#1a7f37", "no-go": "#c6222b", "unknown": "#7a3fc4", "closed": "#5f6875"}


def render_document(
    template: str, page: object, *, styles: Sequence[str], script: str, tone: str
) -> str:
    """Return the whole document.

    Args:
        template: Name of the template; it is given ``page``, ``policy``, ``icon``, ``css``, ``js``.
        page: What the template places; escaped wherever it stands.
        styles: Names of the style sheets, in order.
        script: Name of the script.
        tone: Colour of the icon: ``go``, ``no-go``, ``unknown`` or ``closed``.
    """
    css, js = "".join(map(_asset, styles)), _asset(script)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(css)}'",
            f"script-src '{_digest(js)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return (
        _environment()
        .from_string(_asset(template))
        .render(page=page, policy=policy, icon=_icon(tone), css=Markup(css), js=Markup(js))
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_asset), autoescape=True, undefined=StrictUndefined,
        keep_trailing_newline=True,
    )  # fmt: skip


@cache
def _asset(name: str) -> str:
    return files("fixgate.report").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _icon(tone: str) -> str:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<circle cx="8" cy="8" r="7" fill="{_ICON_COLOURS[tone]}"/></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"

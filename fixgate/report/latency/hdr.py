"""The histograms of a measurement in the standard's own log, which its tools read and merge.

Spec: HdrHistogram, histogram log format version 1.3: a legend, then a line an interval, with
optional tag, start and length in seconds, the maximum in milliseconds, and the histogram as base64
of its compressed V2 encoding. A tag holds neither commas nor white space.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from fixgate.latency.model import LatencyReport
from fixgate.latency.names import name_of
from fixgate.report.text import format_instant, printable

__all__ = ["render_hdr_log", "tag_of"]

_S, _MS = 1_000_000_000, 1_000_000
_LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
_PLAIN = "!#$&()*+-.:;<=>?@[]^_{|}~"
"""What a session's name keeps in a tag: anything visible but ``,``, ``%``, ``/`` and quotes."""


def tag_of(session: str, exchange: str, figure: str) -> str:
    """Return a tag, such as ``xlon-main/ack/wire``; what a tag cannot hold is percent-encoded."""
    return f"{quote(session, safe=_PLAIN, errors='backslashreplace')}/{exchange}/{figure}"


def render_hdr_log(report: LatencyReport) -> str:
    """Return the whole log in plain ASCII, in nanoseconds but for the maximum of a line.

    One interval, the whole run, for each figure of each exchange on each session.
    """
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: LatencyReport) -> Iterator[str]:
    seconds = f"{report.started_ns // _S}.{report.started_ns % _S // _MS:03d}"
    instant = format_instant(report.started_ns, digits=3)
    yield f"#[fixgate {printable(report.version, ascii_only=True)}; values are nanoseconds]"
    yield "#[Histogram log format version 1.3]"
    yield f"#[StartTime: {seconds} (seconds since epoch), {instant}]"
    # Without it readers guess from the size of the first timestamp what that is relative to.
    yield f"#[BaseTime: {seconds} (seconds since epoch)]"
    yield _LEGEND
    length = f"{report.duration_ns // _S}.{report.duration_ns % _S // _MS:03d}"
    for series in report.series:
        for figure, found in series.figures.items():
            tag = tag_of(series.session, name_of(series.kind), name_of(figure))
            greatest = f"{found.max_ns // _MS}.{found.max_ns % _MS:06d}"
            yield f"Tag={tag},0.000,{length},{greatest},{found.hdr}"

"""A distribution as the text that the plotters of HdrHistogram read (``.hgrm``)."""

from __future__ import annotations

from io import BytesIO

from hdrh.histogram import HdrHistogram

from fixgate.latency.model import Distribution

__all__ = ["percentile_text"]

_NS_PER_US = 1_000.0


def percentile_text(distribution: Distribution) -> str:
    """Return value, percentile, count and 1/(1-percentile) in rows; values in microseconds."""
    text = BytesIO()
    HdrHistogram.decode(distribution.hdr).output_percentile_distribution(text, _NS_PER_US)
    return text.getvalue().decode("ascii")

"""Measuring latency: samples out of a history, a capture or a log; the prober; percentiles."""

__all__: list[str] = []

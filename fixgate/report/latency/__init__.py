"""Renderings of a measurement of latency: terminal, HTML, JSON, HDR log; docs/latency.md."""

__all__: list[str] = []

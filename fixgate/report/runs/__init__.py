"""Renderings of runs of scenarios: terminal, HTML, JSON, JUnit, and what shows while they play."""

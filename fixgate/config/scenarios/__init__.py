"""Scenario files into scenarios: complete, and free of mistakes."""

# .load
from fixgate.config.scenarios.load import is_scenario, load_folder, load_scenarios

__all__ = ["is_scenario", "load_folder", "load_scenarios"]

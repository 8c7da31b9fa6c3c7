"""Fuzzing: streams of mutated input through one target a module, each with its contract.

`python -m fuzz` runs it; docs/fuzzing.md says what is fuzzed, and how to replay and to add.
"""

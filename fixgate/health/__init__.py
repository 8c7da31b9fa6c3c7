"""Checks by level, and what they find."""

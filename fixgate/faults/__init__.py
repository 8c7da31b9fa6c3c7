"""Misbehaviour as values."""

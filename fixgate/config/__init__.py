"""Strict YAML into settings, with secrets by reference."""

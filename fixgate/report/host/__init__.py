"""Renderings of the host's own account."""

"""fixgate: a FIX order-entry gateway simulator and session health checker."""

__version__ = "0.1.0"

__all__ = ["__version__"]

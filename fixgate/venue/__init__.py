"""The simulated exchange, pure."""

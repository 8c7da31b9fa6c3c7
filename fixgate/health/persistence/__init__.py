"""The persistence verdict: cut the line, come back, and say whether the session came back whole."""

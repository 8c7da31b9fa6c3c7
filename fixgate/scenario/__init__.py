"""The scenario language as values, and what plays them."""

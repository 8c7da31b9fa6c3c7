"""The sans-I/O FIX session, both roles."""

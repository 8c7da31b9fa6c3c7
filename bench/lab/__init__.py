"""A line, a venue and a prober of which everything is known, for bench/triage.py."""

"""What is good about a machine, what could be better, and how: pure functions of a snapshot."""

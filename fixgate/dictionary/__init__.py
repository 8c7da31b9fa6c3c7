"""What a valid message is."""

"""QuickFIX in its own process."""

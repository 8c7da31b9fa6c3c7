"""What the kernel's files say: pure functions of their text, which raise on no text."""

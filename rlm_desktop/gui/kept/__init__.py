"""What is found again at the next start: choices, settings, the place of the window."""

"""The documents: what is open, how it came to be, and its lines."""

"""Item models: what Qt views show, row by row."""

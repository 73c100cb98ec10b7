"""The run over time."""

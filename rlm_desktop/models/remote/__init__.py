"""Models behind an OpenAI-compatible HTTP interface, on this computer or elsewhere."""

"""RLM Desktop: explore documents far larger than a model's context window, offline."""

__version__ = "0.1.0"

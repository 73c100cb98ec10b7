"""Models: the Protocol every backend satisfies, the catalogue, and the backends."""

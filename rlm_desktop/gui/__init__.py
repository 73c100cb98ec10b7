"""The window: everything Qt, and nothing but the window."""

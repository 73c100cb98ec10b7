"""What cells try in order to get out, and what must come of it; one module a family of attempts."""

FAMILIES = (
    "forged", "interpreter", "resources", "files", "network", "programs", "processes", "siblings", "leaks", "values", "scratch", "syscalls",
)  # fmt: skip
"""Those that take longest come first, so that several under way at a time end together."""

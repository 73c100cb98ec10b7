"""What cells try in order to get out, and what must come of it; one module a family of attempts."""

FAMILIES = (
    "files", "network", "programs", "processes", "leaks", "resources", "values", "interpreter", "forged", "scratch", "syscalls",
)  # fmt: skip

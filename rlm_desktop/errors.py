"""The two kinds of failure: your environment, or our bug.

Every failure a person sees is one sentence of what happened and one of what to do about it.
"""

from __future__ import annotations


class UserError(Exception):
    """Something in the person's environment is wrong: a file, a model, a disk, a setting.

    Args:
        message: One sentence that names the culprit.
        hint: One sentence that says what to do, empty when the message already does.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(UserError):
    """The request itself makes no sense (an empty question, a negative limit): exit code 2."""


class StoreError(UserError):
    """The history could not be written or read; a run stops rather than show what was not stored."""


class BugError(Exception):
    """Something that cannot happen did: our bug, worth a report with its traceback."""

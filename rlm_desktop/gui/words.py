"""The words of the window, in the person's language as far as somebody has translated them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "window"


def tr(text: str, note: str | None = None, count: int = -1) -> str:
    """A text in the person's language; put values in with ``format`` afterwards.

    Args:
        text: In English.
        note: What tells it from the same text elsewhere.
        count: Of what it speaks of, where ``%n`` stands for it and the form of the words depends on it.
    """
    return QCoreApplication.translate(CONTEXT, text, note, count)

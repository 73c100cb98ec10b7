"""The words of the window, in the person's language as far as somebody has translated them.

``make translations`` collects the texts, and finds those only that stand in the call: ``tr("Open file…")``.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = ""
"""Where Qt's own tool files a text in a call of a plain function."""


def tr(text: str, note: str | None = None, count: int = -1) -> str:
    """A text in the person's language; put values in with ``format`` afterwards.

    Args:
        text: In English.
        note: What tells it from the same text elsewhere.
        count: Of what it speaks of, where ``%n`` stands for it and the form of the words depends on it. Give it by
            its place and not by its name, which the tool does not know.
    """
    return QCoreApplication.translate(CONTEXT, text, note, count)


def later(text: str) -> str:
    """Marks a text in a table that is read before the language is known; whoever shows it passes it through `tr`."""
    return text

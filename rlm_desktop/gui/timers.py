"""A timer that waits for a pause, and how long a pause nobody minds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

PATIENCE_MS = 300
"""Of a shorter wait nothing is said: it would be gone before it is read."""


def once(owner: QObject, milliseconds: int, then: Callable[[], object]) -> QTimer:
    """A timer that fires once, so long after it was started last.

    Args:
        owner: It ends with it.
        milliseconds: How long.
        then: What it does.
    """
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(then)
    return timer

"""A name and its figures in the room there is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

GAP = " · "
LEAST = 10
"""Letters of a name that are worth more than a figure beside it."""


def fitted(metrics: QFontMetrics, name: str, figures: Sequence[str], room: int, gap: str = GAP) -> str:
    """As much as there is room for: the last figures go first, then the middle of the name.

    Args:
        metrics: Of the font it is set in.
        name: What stands first.
        figures: What is said of it, the most important first.
        room: Pixels.
        gap: What stands between them.
    """
    for count in range(len(figures), -1, -1):
        whole = gap.join((name, *figures[:count]))
        if metrics.horizontalAdvance(whole) <= room:
            return whole
        if count == 1:
            left = room - metrics.horizontalAdvance(gap + figures[0])
            if left >= LEAST * metrics.averageCharWidth():
                return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, left) + gap + figures[0]
    return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)

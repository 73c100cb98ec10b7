"""Panes: one above the other, and one after the other with a key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget


def stacked(fixed: QWidget, rest: QWidget) -> QWidget:
    """One above another that takes what room is left."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(fixed)
    column.addWidget(rest, 1)
    return both


def go_to_next(panes: Sequence[QWidget]) -> None:
    """Give the focus to the pane after the one that has it, of those that can be seen."""
    seen = [pane for pane in panes if pane.isVisible()]
    focus = QApplication.focusWidget()
    here = -1
    for number, pane in enumerate(seen):
        if focus is pane or (focus is not None and pane.isAncestorOf(focus)):
            here = number
    seen[(here + 1) % len(seen)].setFocus(Qt.FocusReason.ShortcutFocusReason)

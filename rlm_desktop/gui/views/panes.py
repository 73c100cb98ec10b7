"""Panes: side by side with a handle between them, and one after the other with a key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSplitter, QWidget


def split(orientation: Qt.Orientation, *panes: tuple[QWidget, int]) -> QSplitter:
    """Panes side by side, each with its share of the room that is left over."""
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    for number, (pane, share) in enumerate(panes):
        splitter.addWidget(pane)
        splitter.setStretchFactor(number, share)
    return splitter


def go_to_next(panes: Sequence[QWidget]) -> None:
    """Give the focus to the pane after the one that has it, of those that can be seen."""
    seen = [pane for pane in panes if pane.isVisible()]
    focus = QApplication.focusWidget()
    here = -1
    for number, pane in enumerate(seen):
        if focus is pane or (focus is not None and pane.isAncestorOf(focus)):
            here = number
    seen[(here + 1) % len(seen)].setFocus(Qt.FocusReason.ShortcutFocusReason)

"""Where the panels of the window stand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rlm_desktop.gui.views.panes import split


class Body(QWidget):
    """Three columns below the banner: what there is; the document over the run; the question over what was found.

    Attributes:
        splitters: Between the panels, by name.
    """

    def __init__(
        self,
        *,
        banner: QWidget,
        library: QWidget,
        history: QWidget,
        documents: QWidget,
        tree: QWidget,
        ask: QWidget,
        answer: QWidget,
        details: QWidget,
    ) -> None:
        super().__init__()
        self._tree = tree
        self._found = split(Qt.Orientation.Vertical, (answer, 3), (details, 3))
        self._found.setSizes([360, 240])
        left = split(Qt.Orientation.Vertical, (library, 2), (history, 3))
        middle = split(Qt.Orientation.Vertical, (documents, 3), (tree, 2))
        right = QWidget()
        _column(right, ask, self._found).addStretch()
        columns = split(Qt.Orientation.Horizontal, (left, 0), (middle, 1), (right, 0))
        columns.setSizes([232, 680, 368])
        _column(self, banner, columns)
        self.splitters = {"columns": columns, "left": left, "middle": middle, "answer": self._found}

    def show_run(self, there: bool) -> None:
        """Make room for a run, or give its room to the document."""
        self._tree.setVisible(there)
        self._found.setVisible(there)


def _column(parent: QWidget, fixed: QWidget, rest: QWidget) -> QVBoxLayout:
    """One panel above another that takes what room is left."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(fixed)
    column.addWidget(rest, 1)
    return column

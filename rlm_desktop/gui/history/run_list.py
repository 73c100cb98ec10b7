"""The list of runs: what stands above the first of a day is none of them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QListView

from rlm_desktop.gui.history.model import HeadingRole, HistoryModel
from rlm_desktop.gui.history.run_delegate import RunDelegate, heading_height


class RunList(QListView):
    """Runs, below headings if the model has them: a heading cannot be marked, clicked or pointed at.

    Args:
        model: The runs.
        rows: Draws them.
        name: What screen readers call it.
    """

    def __init__(self, model: HistoryModel, rows: RunDelegate, name: str) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(rows)
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def indexAt(self, point: QPoint) -> QModelIndex:
        index = super().indexAt(point)
        if index.data(HeadingRole):
            below = self.visualRect(index).top() + heading_height(self.fontMetrics())
            return index if point.y() >= below else QModelIndex()
        return index

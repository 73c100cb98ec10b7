"""The questions that wait, in a few lines above the question that is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.asking.queue import Queued
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.row_delegate import RowDelegate

_SHOWN = 3
"""Rows before the list scrolls."""
_ICONS = {"queue_start": "play", "queue_up": "up", "queue_edit": "edit", "queue_remove": "delete"}


class QueueList(QWidget):
    """Hidden while nothing waits. Its buttons are the actions of the pane ``queue``, about the marked question."""

    def __init__(self) -> None:
        super().__init__()
        self._head = QuietLabel()
        self.view = QListWidget()
        self.view.setAccessibleName(tr("Questions that wait"))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows = RowDelegate()
        self.view.setItemDelegate(self._rows)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.currentRowChanged.connect(self._allow)
        self.buttons: dict[str, QToolButton] = {}
        self._actions: Mapping[str, QAction] = {}
        self._waiting: Sequence[Queued] = ()
        self._top = QHBoxLayout()
        self._top.setSpacing(0)
        self._top.addWidget(self._head, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(self._top)
        layout.addWidget(self.view)
        self.hide()

    @property
    def marked(self) -> int:
        """The number of the question that the actions are about; 0 for none."""
        row = self.view.currentRow()
        return self._waiting[row].number if 0 <= row < len(self._waiting) else 0

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions of this pane."""
        self._actions = actions
        self.view.addActions(list(actions.values()))
        for name in _ICONS:
            button = self.buttons[name] = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAutoRaise(True)
            button.setAccessibleName(actions[name].text().replace("&", ""))
            self._top.addWidget(button)
        self.view.itemActivated.connect(actions["queue_edit"].trigger)
        self.paint_icons()
        self._allow()

    def show_waiting(self, waiting: Sequence[Queued]) -> None:
        """List these, and keep the mark where it was."""
        marked, row = self.marked, self.view.currentRow()
        self._waiting = tuple(waiting)
        self.view.blockSignals(True)
        self.view.clear()
        for place, one in enumerate(waiting, 1):
            item = QListWidgetItem(_line(place, one))
            item.setToolTip(_whole(one))
            self.view.addItem(item)
            if one.number == marked:
                self.view.setCurrentItem(item)
        if self.view.currentRow() < 0 and waiting:
            self.view.setCurrentRow(min(max(row, 0), len(waiting) - 1))
        self.view.blockSignals(False)
        self._head.setText(_heading(waiting))
        self.setVisible(bool(waiting))
        self._fit()
        self._allow()

    def _allow(self) -> None:
        there = bool(self._waiting)
        allowed = {
            "queue_start": any(one.held for one in self._waiting),
            "queue_up": self.view.currentRow() > 0,
            "queue_edit": there,
            "queue_remove": there,
        }
        for name, action in self._actions.items():
            action.setEnabled(allowed.get(name, True))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        row = max(self.view.sizeHintForRow(0), self.fontMetrics().lineSpacing())
        rows = min(_SHOWN, max(1, self.view.count()))
        self.view.setFixedHeight(row * rows + 2 * self.view.frameWidth())

    def paint_icons(self) -> None:
        """Follow another colour scheme."""
        size = self.fontMetrics().height()
        for name, button in self.buttons.items():
            self._actions[name].setIcon(icon(_ICONS[name], self.palette().buttonText().color().name()))
            button.setIconSize(QSize(size, size))


def _heading(waiting: Sequence[Queued]) -> str:
    held = any(one.held for one in waiting)
    if len(waiting) == 1:
        return tr("1 question waits: start it?") if held else tr("1 question waits")
    waits = tr("%n questions wait", None, len(waiting))
    return tr("{waits}: start them?").format(waits=waits) if held else waits


def _line(place: int, one: Queued) -> str:
    sign = "⚠ " if one.reason else "" if one.held else "○ "
    return f"{sign}{place}. {numbers.beginning(one.question.text, 200)}"


def _whole(one: Queued) -> str:
    question = one.question
    means = " · ".join(
        filter(None, (numbers.names(question.paths), numbers.model(question.model), question.strategy))
    )
    held = one.reason or (tr("It waits for you to start it.") if one.held else "")
    return "\n".join(filter(None, (question.text, means, held)))

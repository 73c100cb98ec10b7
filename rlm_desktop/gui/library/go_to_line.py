"""A small bar that asks for a line number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr


class GoToLine(QWidget):
    """Hidden until it is asked for; Enter goes, Esc hides it.

    Signals:
        chosen: The line to go to, from 1.
        closed: The bar was put away.
    """

    chosen = Signal(int)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.field = QSpinBox()
        self.field.setAccessibleName(tr("Line to go to"))
        self.field.setGroupSeparatorShown(True)
        self.field.installEventFilter(self)
        go = QPushButton(tr("Go"))
        go.setAccessibleName(tr("Go to the line"))
        go.clicked.connect(self._go)
        label = QLabel(tr("Go to line"))
        label.setBuddy(self.field)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        layout.setSpacing(GRID)
        layout.addWidget(label)
        layout.addWidget(self.field)
        layout.addWidget(go)
        layout.addStretch(1)
        self.hide()

    def ask(self, last: int) -> None:
        """Ask for a line up to ``last``."""
        self.field.setRange(1, max(1, last))
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape
            if event.type() is QEvent.Type.ShortcutOverride and escape:
                event.accept()  # Esc puts the bar away here, rather than stop the run
                return True
            if event.type() is QEvent.Type.KeyPress and escape:
                self._close()
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.field.interpretText()
                self._go()
                return True
        return super().eventFilter(watched, event)

    def _go(self) -> None:
        self.chosen.emit(self.field.value())
        self._close()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

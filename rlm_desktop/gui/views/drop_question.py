"""What to do with files that are dropped while a session is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from rlm_desktop.gui import format as numbers

_NAMED = 120
"""Characters of the names of what was dropped."""


class DropQuestion(QMessageBox):
    """Add them to what the session is about, or open them by themselves.

    Signals:
        added: They belong to the session (paths).
        opened: They are something else to ask about (paths).
    """

    added = Signal(object)
    opened = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._paths: tuple[str, ...] = ()
        self.setIcon(QMessageBox.Icon.Question)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle("Add documents")
        self.setInformativeText(
            "The next question is then about all of the session's documents, and the model keeps its variables."
        )
        add = self.addButton("Add to the session", QMessageBox.ButtonRole.AcceptRole)
        alone = self.addButton("Open separately", QMessageBox.ButtonRole.ActionRole)
        cancel = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(add)
        self.setEscapeButton(cancel)
        add.clicked.connect(lambda: self.added.emit(self._paths))
        alone.clicked.connect(lambda: self.opened.emit(self._paths))

    def put(self, paths: Sequence[str]) -> None:
        """Ask about these files and folders."""
        self._paths = tuple(paths)
        self.setText(f"Add {numbers.beginning(numbers.names(paths), _NAMED)} to the session?")
        self.open()

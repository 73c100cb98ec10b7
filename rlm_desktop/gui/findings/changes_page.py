"""A turn's prompt against that of the turn before: what both have is folded, the rest is told line by line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.text_page import role_name
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID, code_font, colours
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import DiffLine, DiffPage

PAGE = 1_000
_TONES = {"+": "good", "-": "bad", "same": "quiet", "fold": "quiet"}
_HEADS = {
    "added": later("{role}, new"),
    "removed": later("{role}, left out now"),
    "changed": later("{role}, changed"),
}


class ChangesPage(QWidget):
    """Asks for the comparison of a turn when it is looked at, a page of lines at a time."""

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._wanted: tuple[str, int] | None = None
        self._lines: list[DiffLine] = []
        self._asking = 0
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setFont(code_font())
        self.view.setTabChangesFocus(True)
        self.view.setUndoRedoEnabled(False)
        self.view.setAccessibleName(tr("What the prompt has that the one before had not"))
        self._more = QPushButton(tr("Show more"))
        self._more.setAccessibleName(tr("Show more of the changes"))
        self._more.clicked.connect(self._ask)
        self._more.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.view)
        layout.addWidget(self._more)

    def show_turn(self, run: str, span: int) -> None:
        """Compare the prompt of this turn."""
        if self._wanted == (run, span):
            return
        self._wanted = (run, span)
        self._lines = []
        self.view.setPlainText(tr("Comparing…"))
        self._ask()

    def _ask(self) -> None:
        if self._wanted is None:
            return
        run, span = self._wanted
        self._asking += 1
        asking = self._asking
        self._more.hide()

        def done(page: DiffPage) -> None:
            if asking == self._asking:
                self._take(page)

        def failed(error: EngineError) -> None:
            if asking == self._asking:
                self._wanted = None
                self.view.setPlainText(str(error))

        fields: dict[str, Any] = {"from": len(self._lines), "count": PAGE}
        self._engine.request("compare", DiffPage, done, failed, run=run, span=span, **fields)

    def _take(self, page: DiffPage) -> None:
        if not self._lines:
            self.view.clear()
        self._lines += page.lines
        self._write(page.lines)
        self._more.setVisible(bool(page.lines) and len(self._lines) < page.total)

    def _write(self, lines: tuple[DiffLine, ...]) -> None:
        own = colours(self.palette())
        cursor = QTextCursor(self.view.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line in lines:
            look = QTextCharFormat()
            if tone := _TONES.get(line.mark):
                look.setForeground(QColor(getattr(own, tone)))
            if line.role:
                look.setFontWeight(QFont.Weight.Bold)
            if cursor.position():
                cursor.insertBlock()
            cursor.insertText(_words(line), look)
        cursor.endEditBlock()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._lines:
            self.view.clear()
            self._write(tuple(self._lines))
        elif event.type() is QEvent.Type.FontChange:
            self.view.setFont(code_font())


def _words(line: DiffLine) -> str:
    if line.mark == "same":
        return tr("… {} as before").format(numbers.plural(line.count, "message"))
    if line.mark == "fold":
        return tr("  … {} as before").format(numbers.plural(line.count, "line"))
    if line.mark in _HEADS:
        return f"── {tr(_HEADS[line.mark]).format(role=role_name(line.role))} ──"
    return f"{line.mark} {line.text}"

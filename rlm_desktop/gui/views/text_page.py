"""A stored text of any length, shown a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from rlm_desktop.events import TextHash
from rlm_desktop.gui import format as numbers
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.theme import GRID, code_font
from rlm_desktop.gui.views.code_view import CodeView
from rlm_desktop.gui.wire import EngineError, TextPage

PAGE = 100_000
"""Characters fetched at once; a text edit lays these out in some ten milliseconds."""


class TextPages(QWidget):
    """Shows texts that are named by hash, each below its heading, fetching page after page.

    Args:
        engine: Where the texts are.
        name: What screen readers call it.
        code: Whether the text is Python code.
    """

    def __init__(self, engine: EngineClient, name: str, *, code: bool = False) -> None:
        super().__init__()
        self._engine = engine
        self._parts: tuple[tuple[str, TextHash], ...] = ()
        self._next = 0
        self._read = 0
        self._live = False
        self._asking = 0
        self.view: QPlainTextEdit = CodeView() if code else QPlainTextEdit()
        if not code:
            self.view.setReadOnly(True)
            self.view.setFont(code_font())
            self.view.setTabChangesFocus(True)
            self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
            self.view.setAccessibleName(name)
        self._note = QLabel()
        self._more = QPushButton("Show more")
        self._more.setAccessibleName(f"Show more of: {name}")
        self._more.clicked.connect(self._ask)
        self._footer = QWidget()
        footer = QHBoxLayout(self._footer)
        footer.setContentsMargins(GRID, 0, GRID, 0)
        footer.addWidget(self._note, 1)
        footer.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.view)
        layout.addWidget(self._footer)
        self._footer.hide()

    def show_texts(self, parts: Sequence[tuple[str, TextHash]]) -> None:
        """Show stored texts one below the other, each with its heading unless that is empty."""
        if tuple(parts) == self._parts and not self._live:
            return
        self._parts, self._live = tuple(parts), False
        self._next, self._read = 0, 0
        self._asking += 1
        self._set("")
        self._ask()

    def show_live(self, text: str) -> None:
        """Show a text that still grows; the view stays at its end if it is there."""
        shown = self.view.toPlainText() if self._live else ""
        self._parts, self._live = (), True
        self._asking += 1
        self._footer.hide()
        bar = self.view.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        if shown and text.startswith(shown):
            self._append(text[len(shown) :])
        elif text != shown:
            self._set(text)
        if at_end:
            bar.setValue(bar.maximum())

    def _ask(self) -> None:
        if self._next >= len(self._parts):
            return
        asking, part = self._asking, self._parts[self._next]
        self._note.setText("Reading…")
        self._more.hide()
        self._footer.show()
        done: Callable[[TextPage], None] = lambda page: self._take(asking, page)  # noqa: E731
        fields: dict[str, Any] = {"hash": part[1], "from": self._read, "count": PAGE}
        self._engine.request("text", TextPage, done, lambda error: self._refused(asking, error), **fields)

    def _take(self, asking: int, page: TextPage) -> None:
        if asking != self._asking:
            return
        heading = self._parts[self._next][0]
        if heading and not self._read:
            self._append(("\n\n" if self._next else "") + f"── {heading} ──\n")
        self._append(page.text)
        self._read += len(page.text)
        if self._read < page.total and page.text:
            self._note.setText(f"{numbers.count(self._read)} of {numbers.count(page.total)} characters")
            self._more.show()
            self._recolour()
            return
        self._next, self._read = self._next + 1, 0
        if self._next < len(self._parts):
            self._ask()
        else:
            self._footer.hide()
            self._recolour()

    def _refused(self, asking: int, error: EngineError) -> None:
        if asking == self._asking:
            self._note.setText(str(error))

    def _set(self, text: str) -> None:
        self.view.setPlainText(text)

    def _append(self, text: str) -> None:
        cursor = QTextCursor(self.view.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    def _recolour(self) -> None:
        if isinstance(self.view, CodeView):
            self.view.set_code(self.view.toPlainText())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.view.setFont(code_font())

"""A small bar that finds words in a page of text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QTextEdit, QToolButton, QWidget

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.quiet_label import QuietLabel

TextView = QPlainTextEdit | QTextEdit


class FindBar(QWidget):
    """Hidden until it is asked for; Enter finds the next place, Shift+Enter the one before, Esc hides it.

    Args:
        view: Gives the page to search, ``None`` if there is none.
    """

    def __init__(self, view: Callable[[], TextView | None]) -> None:
        super().__init__()
        self._view = view
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("Words to find"))
        self.field.setPlaceholderText(tr("Find"))
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._typed)
        self.count = QuietLabel()
        self.count.setWordWrap(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.count)
        for arrow, name, back in (
            (Qt.ArrowType.UpArrow, tr("Find the place before"), True),
            (Qt.ArrowType.DownArrow, tr("Find the next place"), False),
        ):
            button = QToolButton()
            button.setArrowType(arrow)
            button.setAutoRaise(True)
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.clicked.connect(lambda _=False, back=back: self.look(back=back))
            layout.addWidget(button)
        self.hide()

    def ask(self) -> None:
        """Ask for words; those that are marked in the page are the first guess."""
        view = self._view()
        if view is None:
            return
        marked = view.textCursor().selectedText()
        if marked and "\u2029" not in marked:
            self.field.setText(marked)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._tell()

    def look(self, *, back: bool = False) -> None:
        """Mark the next place, going on at the other end of the page when there is none."""
        view, words = self._view(), self.field.text()
        if view is None or not words:
            return
        flags = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
        if not view.find(words, flags):
            here = view.textCursor()
            view.moveCursor(QTextCursor.MoveOperation.End if back else QTextCursor.MoveOperation.Start)
            if not view.find(words, flags):
                view.setTextCursor(here)
        self._tell()

    def _typed(self) -> None:
        """Search from where the page is marked, so that a longer word stays where it is."""
        view = self._view()
        if view is not None:
            cursor = view.textCursor()
            cursor.setPosition(cursor.selectionStart())
            view.setTextCursor(cursor)
        self.look()
        self._tell()

    def _tell(self) -> None:
        view, words = self._view(), self.field.text().casefold()
        found = view.toPlainText().casefold().count(words) if view is not None and words else 0
        self.count.setText(tr("{:,} found").format(found) if words else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape
            if event.type() is QEvent.Type.ShortcutOverride and escape:
                event.accept()  # Esc puts the bar away here, rather than stop the run
                return True
            if event.type() is QEvent.Type.KeyPress and escape:
                self._close()
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.look(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
                return True
        return super().eventFilter(watched, event)

    def _close(self) -> None:
        self.hide()
        if (view := self._view()) is not None:
            view.setFocus()

"""Where a question is typed. Questions asked before come back with the Up key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from rlm_desktop.gui.theme import GRID

_LINES = 4


class QuestionBox(QPlainTextEdit):
    """A few lines of text; what is typed into it is never lost."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Question")
        self.setPlaceholderText("Type a question. Ctrl+Enter asks it.")
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + 2 * GRID)
        self._asked: list[str] = []
        self._place = 0

    @property
    def text(self) -> str:
        """The question."""
        return self.toPlainText().strip()

    def sent(self, question: str) -> None:
        """A question was taken: make room for the next, unless that is being typed already."""
        if question in self._asked:
            self._asked.remove(question)
        self._asked.append(question)
        self._place = len(self._asked)
        if self.text == question:
            self.clear()

    def recall(self) -> None:
        """Bring the last question back into an empty box."""
        if not self.text and self._asked:
            self._go(len(self._asked) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = (event.key() == Qt.Key.Key_Down) - (event.key() == Qt.Key.Key_Up)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not (step and plain and self._untouched() and self._go(self._place + step)):
            super().keyPressEvent(event)

    def _untouched(self) -> bool:
        """Whether nothing would be lost: the box is empty or shows an earlier question as it was asked."""
        if not self.text:
            self._place = len(self._asked)
            return True
        return self._place < len(self._asked) and self.text == self._asked[self._place]

    def _go(self, place: int) -> bool:
        """Show an earlier question, or none after the last; returns whether there is that one."""
        if not 0 <= place <= len(self._asked) or (place == len(self._asked) and not self.text):
            return False
        self._place = place
        self.setPlainText(self._asked[place] if place < len(self._asked) else "")
        self.moveCursor(self.textCursor().MoveOperation.End)
        return True

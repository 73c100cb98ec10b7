"""Where a question is typed. It grows with its text; what was asked before comes back with the Up key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from rlm_desktop.gui.asking.blanks import Blank, as_blank, next_blank, previous_blank
from rlm_desktop.gui.look.words import tr

_FEWEST, _MOST = 2, 8
"""Lines that are shown."""
_PART = 4
"""Part of the window's height that the box may take: one in so many."""
_DRAFT = -1
_Move = QTextCursor.MoveOperation


class QuestionBox(QPlainTextEdit):
    """A few lines of text; what is typed into it is never lost.

    Up in the first line goes to the question asked last and on to older ones, Down in the last line comes back, at the
    end to what was being typed. Changes to an earlier question stay with it until something is asked. Tab goes to the
    next blank of a template.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Question"))
        self.setPlaceholderText(tr("Type a question. Ctrl+Enter asks it."))
        self.setTabChangesFocus(True)
        self._past: tuple[str, ...] = ()
        self._newer: tuple[str, ...] | None = None
        self._place = _DRAFT
        self._kept: dict[int, str] = {}
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._grow()

    @property
    def text(self) -> str:
        """The question."""
        return self.toPlainText().strip()

    @property
    def draft(self) -> str:
        """What a person would miss: the text, or while an earlier question is looked at, what was typed before."""
        text = self.toPlainText()
        looking = self._place != _DRAFT and text == self._past[self._place]
        return self._kept.get(_DRAFT, "") if looking else text

    # -- what was asked ----------------------------------------------------------------------------------

    def set_past(self, questions: Sequence[str]) -> None:
        """What was asked before, the last first; taken on when no earlier question is being looked at."""
        if self._place == _DRAFT:
            self._past = tuple(questions)
        else:
            self._newer = tuple(questions)

    def sent(self, question: str) -> None:
        """A question was taken: make room for the next, unless that is being typed already."""
        past = self._past if self._newer is None else self._newer
        self._past = (question, *(one for one in past if one != question))
        self._newer = None
        draft = self._kept.get(_DRAFT, "") if self._place != _DRAFT else ""
        self._place = _DRAFT
        self._kept.clear()
        if self.text == question:
            self._show(draft if draft.strip() != question else "")

    def recall(self, question: str) -> None:
        """Bring a question back into an empty box."""
        if not self.text:
            self._show(question)

    def replace(self, text: str) -> None:
        """Put a text in, its first blank marked; what was there comes back with Undo, and with the Up key."""
        there = self.text
        if there and there not in self._past:
            self._past = (there, *self._past)
        self._place = _DRAFT
        self._kept.clear()
        self._show(text)
        self._mark(next_blank(text, 0))
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def make_blank(self) -> None:
        """Make the marked words a blank."""
        cursor = self.textCursor()
        if blank := as_blank(cursor.selectedText()):
            cursor.insertText(blank)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = (event.key() == Qt.Key.Key_Up) - (event.key() == Qt.Key.Key_Down)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not (step and plain and self._at_edge(step) and self._go(self._place + step)):
            super().keyPressEvent(event)

    def _at_edge(self, step: int) -> bool:
        """Whether the cursor has no line above, or none below it, to go to."""
        cursor = self.textCursor()
        line = cursor.block().layout().lineForTextPosition(cursor.positionInBlock()).lineNumber()
        if step > 0:
            return cursor.blockNumber() == 0 and line <= 0
        return (
            cursor.block() == self.document().lastBlock() and line >= cursor.block().layout().lineCount() - 1
        )

    def _go(self, place: int) -> bool:
        """Show an earlier question, or the draft; returns whether there is that one."""
        if not _DRAFT <= place < len(self._past) or place == self._place:
            return False
        self._kept[self._place] = self.toPlainText()
        back = place < self._place
        self._place = place
        self._show(self._kept.get(place, self._past[place] if place != _DRAFT else ""))
        if not back:  # where another Up goes on from
            cursor = self.textCursor()
            cursor.movePosition(_Move.Start)
            cursor.movePosition(_Move.EndOfLine)
            self.setTextCursor(cursor)
        if place == _DRAFT and self._newer is not None:
            self._past, self._newer = self._newer, None
            self._kept.clear()
        return True

    def _show(self, text: str) -> None:
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.movePosition(_Move.End)
        self.setTextCursor(cursor)

    # -- blanks ------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, forward: bool) -> bool:
        cursor = self.textCursor()
        text = self.toPlainText()
        if forward:
            found = next_blank(text, _characters(text, cursor.selectionEnd()))
        else:
            found = previous_blank(text, _characters(text, cursor.selectionStart()))
        return self._mark(found) or super().focusNextPrevChild(forward)

    def _mark(self, blank: Blank | None) -> bool:
        if blank is None:
            return False
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(_units(text, blank.start))
        cursor.setPosition(_units(text, blank.end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        return True

    # -- size --------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._grow()

    def _grow(self) -> None:
        line = self.fontMetrics().lineSpacing()
        most = min(_MOST, max(_FEWEST, self.window().height() // _PART // line))
        lines = min(most, max(_FEWEST, round(self.document().documentLayout().documentSize().height())))
        # Qt shows a scroll bar unless a third margin is left below the text
        margins = round(3 * self.document().documentMargin()) + 1
        self.setFixedHeight(lines * line + margins + 2 * self.frameWidth())


def _units(text: str, characters: int) -> int:
    """So many characters in what Qt counts by: UTF-16 code units."""
    return len(text[:characters].encode("utf-16-le", "surrogatepass")) // 2


def _characters(text: str, units: int) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "surrogatepass"))

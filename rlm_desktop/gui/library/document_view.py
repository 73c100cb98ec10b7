"""A document of any size as plain text: only the visible lines are fetched and painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from rlm_desktop.gui.library.line_source import LineSource
from rlm_desktop.gui.look.theme import GRID, code_font, colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire import EngineError

_TAB = 4
_WHEEL_LINES = 3


class DocumentView(QAbstractScrollArea):
    """Shows the lines of a `LineSource` with their numbers. Lines count from 0 inside, from 1 on screen."""

    def __init__(self, source: LineSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self._metrics = QFontMetricsF(code_font())
        self._widest = 0.0
        self.setFont(code_font())
        self.setAccessibleName(tr("Document {name}").format(name=source.document.name))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.verticalScrollBar().setAccessibleName(tr("Position in the document"))
        self.horizontalScrollBar().setAccessibleName(tr("Position in the line"))
        self._error = ""
        self._anchor = self._caret = 0
        self._selected = False
        self._cited: range | None = None
        self._goal: int | None = None
        self._place: int | None = None
        source.arrived.connect(self._arrived)
        source.failed.connect(self._failed)

    @property
    def cited(self) -> range | None:
        """The lines that are marked."""
        return self._cited

    @property
    def first_visible(self) -> int:
        """The line at the top."""
        return self.verticalScrollBar().value()

    @property
    def place(self) -> int:
        """The line at the top, now or once lines are there."""
        return self.first_visible if self._place is None else self._place

    @property
    def selection(self) -> range:
        """The selected lines, empty if there are none."""
        if not self._selected:
            return range(0)
        return range(min(self._anchor, self._caret), max(self._anchor, self._caret) + 1)

    def show_lines(self, first: int, last: int) -> None:
        """Mark the lines ``first`` to ``last`` (from 1) and bring them into view."""
        self._cited = range(first - 1, last)
        self.go_to(first)

    def go_to(self, line: int) -> None:
        """Bring a line (from 1) into the upper third of the view, now or once lines are there."""
        self._anchor = self._caret = line - 1
        self._goal = line - 1
        self._reach()
        self.viewport().update()

    def begin_at(self, line: int) -> None:
        """Have a line (from 0) at the top, or as far up as it goes, once lines are there."""
        self._place = line

    def copy(self) -> None:
        """Put the selected lines on the clipboard, without what selection cannot hold."""
        lines = self.selection
        if lines:
            self.source.collect(lines[0], lines[-1], QGuiApplication.clipboard().setText)

    def _reach(self) -> None:
        if self._place is not None and self.source.total:
            self._measure()
            self.verticalScrollBar().setValue(self._place)
            self._place = None
        if self._goal is not None and self.source.total:
            self._measure()
            self.verticalScrollBar().setValue(self._goal - self._page() // 3)
            self.horizontalScrollBar().setValue(0)
            self._goal = None

    def _arrived(self) -> None:
        self._error = ""
        self._measure()
        self._reach()
        self.viewport().update()

    def _failed(self, error: EngineError) -> None:
        self._error = str(error)
        self.viewport().update()

    # -- geometry --------------------------------------------------------------------------------------

    def _height(self) -> int:
        return round(self._metrics.lineSpacing())

    def _page(self) -> int:
        return max(1, self.viewport().height() // self._height())

    def _gutter(self) -> int:
        digits = max(3, len(str(self.source.total)))
        return round(self._metrics.horizontalAdvance("0") * digits) + 2 * GRID

    def _measure(self) -> None:
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setPageStep(self._page())
        vertical.setRange(0, max(0, self.source.total - self._page()))
        room = self.viewport().width() - self._gutter() - GRID
        horizontal.setPageStep(room)
        horizontal.setSingleStep(round(self._metrics.horizontalAdvance("0") * _TAB))
        horizontal.setRange(0, max(0, round(self._widest) + GRID - room))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._metrics = QFontMetricsF(self.font())
            self._widest = 0.0
            self._measure()
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()
        self._reach()

    def _line_at(self, y: float) -> int:
        line = self.first_visible + int(y // self._height())
        return max(0, min(line, self.source.total - 1))

    # -- painting --------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        if self._error or not self.source.total:
            self.source.line(0)
            self._paint_state(painter)
            return
        height, gutter = self._height(), self._gutter()
        ground, own = self.palette(), colours(self.palette())
        selection, widest = self.selection, self._widest
        first = self.first_visible
        for row in range(self.viewport().height() // height + 1):
            number = first + row
            if number >= self.source.total:
                break
            box = QRect(gutter, row * height, self.viewport().width() - gutter, height)
            chosen = number in selection
            if chosen:
                painter.fillRect(box, ground.color(QPalette.ColorRole.Highlight))
            elif self._cited is not None and number in self._cited:
                painter.fillRect(box.adjusted(-gutter, 0, 0, 0), QColor(own.mark))
            painter.setPen(QColor(own.quiet))
            painter.drawText(
                QRect(0, row * height, gutter - GRID, height), Qt.AlignmentFlag.AlignRight, str(number + 1)
            )
            text = self.source.line(number)
            if text is None:
                continue
            text = text.expandtabs(_TAB)
            widest = max(widest, self._metrics.horizontalAdvance(text))
            painter.setClipRect(box)
            ink = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
            painter.setPen(ground.color(ink))
            painter.drawText(
                round(gutter - self.horizontalScrollBar().value()),
                round(row * height + self._metrics.ascent()),
                text,
            )
            painter.setClipping(False)
        if widest > self._widest:
            self._widest = widest
            self._measure()

    def _paint_state(self, painter: QPainter) -> None:
        painter.setFont(QGuiApplication.font())
        own = colours(self.palette())
        painter.setPen(QColor(own.bad if self._error else own.quiet))
        text = self._error or f"Reading {self.source.document.name}…"
        room = self.viewport().rect().adjusted(2 * GRID, 2 * GRID, -2 * GRID, -2 * GRID)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    # -- mouse and keys ----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.source.total:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move(self._line_at(event.position().y()), extend)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.source.total:
            self._move(self._line_at(event.position().y()), extend=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or the selection's last event would wander on to the window

    def _move(self, line: int, extend: bool) -> None:
        self._caret = max(0, min(line, self.source.total - 1))
        if not extend:
            self._anchor = self._caret
        self._selected = extend
        self._keep_visible()
        self.viewport().update()

    def _keep_visible(self) -> None:
        bar, page = self.verticalScrollBar(), self._page()
        bar.setValue(max(self._caret - page + 1, min(self._caret, bar.value())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -self._page(),
            Qt.Key.Key_PageDown: self._page(),
            Qt.Key.Key_Home: -self.source.total,
            Qt.Key.Key_End: self.source.total,
        }
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self.source.total:
            self._anchor, self._caret, self._selected = 0, self.source.total - 1, True
            self.viewport().update()
        elif event.key() in steps and self.source.total:
            self._step(steps[Qt.Key(event.key())], extend)
        else:
            super().keyPressEvent(event)

    def _step(self, lines: int, extend: bool) -> None:
        if extend:
            self._move(self._caret + lines, extend=True)
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + lines)
        self._anchor = self._caret = max(bar.value(), 0)
        self._selected = False
        self.viewport().update()

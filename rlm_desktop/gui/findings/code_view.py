"""Python code with line numbers, coloured by Pygments in colours that follow the scheme."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from time import perf_counter

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Literal, Name, Operator, Token
from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from rlm_desktop.gui.look.theme import GRID, Colours, code_font, colours
from rlm_desktop.gui.look.words import tr

_KINDS = (
    (Comment, "comment"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Literal, "string"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Builtin, "name"),
)
_COLOURED = 100_000
"""Characters of code that are coloured; of more the lexer would keep the window busy for over a second."""
_AT_ONCE = 0.004
"""Seconds of work between two looks at what else the window has to do."""


def kind_of(token: object) -> str:
    """What kind of word a token is, as `Colours` calls it; empty for the others."""
    return next((name for family, name in _KINDS if token in family), "")


class PythonHighlighter(QSyntaxHighlighter):
    """Colours a document by what Pygments finds in the whole of it, a little at a time from its beginning on."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._lexer = PythonLexer(stripnl=False, ensurenl=False)
        self._code = ""
        self._starts: list[int] = []
        self._spans: list[tuple[int, int, str]] = []
        self._formats: dict[str, QTextCharFormat] = {}
        self._job: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)

    @property
    def busy(self) -> bool:
        """Whether there is more to be coloured."""
        return self._timer.isActive()

    def forget(self) -> None:
        """The document gets another text, of which nothing is known yet."""
        self._timer.stop()
        self._code, self._spans, self._starts = "", [], []

    def colour(self, code: str, own: Colours) -> None:
        """Find the spans of ``code``, which the document holds, and paint them; the first of them at once."""
        self.forget()
        if len(code) > _COLOURED:
            return
        self._code = code
        for kind in {name for _, name in _KINDS}:
            self._formats[kind] = QTextCharFormat()
            self._formats[kind].setForeground(QColor(getattr(own, kind)))
        self._job = self._colour()
        self._timer.start()
        self._work()

    def recolour(self, own: Colours) -> None:
        """Paint again, in the colours of another scheme."""
        self.colour(self._code, own)

    def _work(self) -> None:
        end = perf_counter() + _AT_ONCE
        while perf_counter() < end:
            if next(self._job, self) is self:
                self._timer.stop()
                break

    def _colour(self) -> Iterator[None]:
        """Read the code, and paint each line that has been read."""
        block, position = self.document().begin(), 0
        for token, value in self._lexer.get_tokens(self._code):
            # Qt counts UTF-16 units
            end = position + len(value.encode("utf-16-le", "surrogatepass")) // 2
            if token is not Token.Text and (kind := kind_of(token)):
                self._spans.append((position, end, kind))
                self._starts.append(position)
            position = end
            while block.isValid() and block.position() + block.length() <= position:
                self.rehighlightBlock(block)
                block = block.next()
                yield
            yield
        if block.isValid():
            self.rehighlightBlock(block)

    def highlightBlock(self, text: str) -> None:
        begin = self.currentBlock().position()
        finish = begin + self.currentBlock().length()
        for index in range(max(0, bisect_right(self._starts, begin) - 1), len(self._spans)):
            start, end, kind = self._spans[index]
            if start >= finish:
                break
            if end > begin:
                first = max(start, begin)
                self.setFormat(first - begin, min(end, finish) - first, self._formats[kind])


class CodeView(QPlainTextEdit):
    """Shows one cell's code."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFont(code_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Code of the step"))
        self._highlighter = PythonHighlighter(self.document())
        self._gutter = _Gutter(self)
        self.updateRequest.connect(self._scrolled)
        self.blockCountChanged.connect(self._make_room)
        self._make_room()

    @property
    def busy(self) -> bool:
        """Whether some of the code is still to be coloured."""
        return self._highlighter.busy

    def set_code(self, code: str) -> None:
        """Show other code."""
        self.setPlainText(code)
        self.colour()

    def setPlainText(self, text: str) -> None:
        self._highlighter.forget()
        super().setPlainText(text)

    def colour(self) -> None:
        """Colour what is shown, which is whole now."""
        self._highlighter.colour(self.toPlainText(), colours(self.palette()))

    def gutter_width(self) -> int:
        """Pixels the line numbers need."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("0") * digits + 2 * GRID

    def paint_gutter(self, painter: QPainter) -> None:
        """Write the numbers of the visible lines."""
        painter.setFont(self.font())
        painter.setPen(QColor(colours(self.palette()).quiet))
        block, height = self.firstVisibleBlock(), self.fontMetrics().height()
        while block.isValid():
            top = round(self.blockBoundingGeometry(block).translated(self.contentOffset()).top())
            if top > self.viewport().height():
                break
            box = QRect(0, top, self.gutter_width() - GRID, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, str(block.blockNumber() + 1))
            block = block.next()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self.gutter_width(), area.height()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._highlighter.recolour(colours(self.palette()))

    def _make_room(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scrolled(self, area: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())


class _Gutter(QWidget):
    """The strip of line numbers."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._view.paint_gutter(painter)
        painter.end()

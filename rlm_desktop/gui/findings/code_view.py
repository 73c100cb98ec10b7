"""Python code with line numbers, coloured by Pygments in colours that follow the scheme."""

from __future__ import annotations

from bisect import bisect_right

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Literal, Name, Operator, Token
from PySide6.QtCore import QEvent, QRect, QSize, Qt
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
_COLOURED = 10_000
"""Characters of code that are coloured; more would stop the window for over 40 ms."""


def kind_of(token: object) -> str:
    """What kind of word a token is, as `Colours` calls it; empty for the others."""
    return next((name for family, name in _KINDS if token in family), "")


class PythonHighlighter(QSyntaxHighlighter):
    """Colours a document by what Pygments finds in the whole of it."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._lexer = PythonLexer(stripnl=False, ensurenl=False)
        self._starts: list[int] = []
        self._spans: list[tuple[int, int, str]] = []
        self._formats: dict[str, QTextCharFormat] = {}

    def colour(self, code: str, own: Colours) -> None:
        """Find the spans of ``code``, which the document holds, and paint them."""
        position, spans = 0, []
        for token, value in self._lexer.get_tokens(code) if len(code) <= _COLOURED else ():
            # Qt counts UTF-16 units
            end = position + len(value.encode("utf-16-le", "surrogatepass")) // 2
            if token is not Token.Text and (kind := kind_of(token)):
                spans.append((position, end, kind))
            position = end
        self._spans, self._starts = spans, [start for start, _, _ in spans]
        self.recolour(own)

    def recolour(self, own: Colours) -> None:
        """Paint again, in the colours of another scheme."""
        for kind in {name for _, name in _KINDS}:
            self._formats[kind] = QTextCharFormat()
            self._formats[kind].setForeground(QColor(getattr(own, kind)))
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        begin = self.currentBlock().position()
        finish = begin + self.currentBlock().length()
        for start, end, kind in self._spans[max(0, bisect_right(self._starts, begin) - 1) :]:
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

    def set_code(self, code: str) -> None:
        """Show other code."""
        self.setPlainText(code)
        self._highlighter.colour(code, colours(self.palette()))

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

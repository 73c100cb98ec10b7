"""Blocks of prose written into a Qt document, a little at a time, in the colours of the scheme in use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from pygments.lexers import get_lexer_by_name
from pygments.lexers.python import PythonLexer
from pygments.util import ClassNotFound
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)

from rlm_desktop.gui.findings.code_view import kind_of
from rlm_desktop.gui.findings.prose import Block, Cells, Run
from rlm_desktop.gui.look.theme import GRID, code_font, colours

T = TypeVar("T")
_HEADINGS = {1: 2, 2: 1}
"""Steps by which Qt enlarges text (a factor of 1.5 and 1.2) for headings; the others are as large as the text."""
_LARGE = 1
_ROWS, _LINES = 10, 25
"""Rows of a table, and lines of code, that are written at once, in some 3 ms."""
_WHOLE = 16
"""Rows of a table that stays in one piece."""
_HIGHLIGHTED = 50_000
"""Characters of code that is coloured; the lexer takes 0.1 s for more."""
_WIDEST = 36
"""Characters side by side in a column of a table that is cut in parts."""
_SPARE = 2
"""Letters by which the bold ones of a head, and wide ones, may take more room than others."""
_PYTHONS = ("python", "py", "python3", "repl")
_PYTHON = PythonLexer(stripnl=False, ensurenl=False)
_ALIGNMENT = {"center": Qt.AlignmentFlag.AlignHCenter, "right": Qt.AlignmentFlag.AlignRight}


class ProseWriter:
    """Writes at the end of a document.

    Args:
        document: Where to.
        palette: Whose colours to use.
        font: Of the text.
    """

    def __init__(self, document: QTextDocument, palette: QPalette, font: QFont) -> None:
        self._cursor = QTextCursor(document)
        self._own = colours(palette)
        self._ground = palette.color(QPalette.ColorRole.AlternateBase)
        self._line = QColor(self._own.quiet)
        self._line.setAlpha(110)
        self._letter = QFontMetricsF(font).averageCharWidth()
        self._step = max(3 * GRID, 4 * self._letter)
        self._columns: list[QTextLength] = []

    def write(self, blocks: Iterable[Block]) -> Iterator[None]:
        """Write the blocks, and pause after each small piece of work."""
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        for block in blocks:
            if block.kind == "code":
                yield from self._code(block)
            elif block.kind == "table":
                yield from self._table(block)
            else:
                with self._at_once():
                    self._text(block)
            yield

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Have Qt lay out what is written when it is all there, and not with every word."""
        self._cursor.beginEditBlock()
        try:
            yield
        finally:
            self._cursor.endEditBlock()

    def _text(self, block: Block) -> None:
        shape = self._shape(block)
        base = QTextCharFormat()
        if block.kind == "heading":
            shape.setHeadingLevel(block.level)
            shape.setTopMargin(GRID)
            _enlarge(base, _HEADINGS.get(block.level, 0))
            base.setFontWeight(QFont.Weight.DemiBold)
        elif block.kind == "rule":
            shape.setProperty(
                QTextFormat.Property.BlockTrailingHorizontalRulerWidth,
                QTextLength(QTextLength.Type.PercentageLength, 100),
            )
        self._begin(shape)
        self._tone(base, block.tone or ("quiet" if block.quote else ""))
        if block.kind == "rule":
            self._cursor.insertText(
                "\u00a0", base
            )  # a block without text is taken for one that was not begun
        if block.marker:
            self._cursor.insertText(f"{block.marker}\t", base)
        self._runs(block.runs, base)

    def _shape(self, block: Block) -> QTextBlockFormat:
        """Where a block stands."""
        shape = QTextBlockFormat()
        shape.setBottomMargin(GRID / 2 if block.indent else GRID)
        shape.setLeftMargin(self._step * block.indent + 2 * GRID * block.quote)
        if block.marker:
            shape.setTextIndent(-self._step)
            shape.setTabPositions([_tab(self._step)])
        return shape

    def _begin(self, shape: QTextBlockFormat) -> None:
        """A new block, or the empty one that a document and the end of a table have anyway."""
        if self._cursor.block().length() > 1:
            self._cursor.insertBlock(shape, QTextCharFormat())
        else:
            self._cursor.setBlockFormat(shape)
            self._cursor.setBlockCharFormat(QTextCharFormat())

    def _runs(self, runs: Iterable[Run], base: QTextCharFormat) -> None:
        for run in runs:
            self._cursor.insertText(run.text.replace("\n", "\u2028"), self._format(run, base))

    def _format(self, run: Run, base: QTextCharFormat) -> QTextCharFormat:
        look = QTextCharFormat(base)
        if "strong" in run.marks:
            look.setFontWeight(QFont.Weight.Bold)
        if "em" in run.marks:
            look.setFontItalic(True)
        if "strike" in run.marks:
            look.setFontStrikeOut(True)
        if "code" in run.marks:
            _set_as_code(look)
            look.setBackground(self._ground)
        self._tone(look, run.tone)
        if run.link:
            look.setAnchor(True)
            look.setAnchorHref(run.link)
            look.setForeground(QColor(self._own.busy))
            look.setFontUnderline(True)
        if run.tip:
            look.setToolTip(run.tip)
        return look

    def _tone(self, look: QTextCharFormat, tone: str) -> None:
        if tone == "large":
            _enlarge(look, _LARGE)
        elif tone:
            look.setForeground(QColor(getattr(self._own, tone)))

    # -- code --------------------------------------------------------------------------------------------

    def _code(self, block: Block) -> Iterator[None]:
        """Lines that do not wrap, on a ground of their own."""
        code = "".join(run.text for run in block.runs)
        shape = self._shape(block)
        shape.setTextIndent(0)
        shape.setNonBreakableLines(True)
        shape.setBackground(self._ground)
        lines = code.split("\n")
        look = QTextCharFormat()
        _set_as_code(look)
        looks = self._looks(look)
        tokens = _tokens(code, block.language)
        for number, some in enumerate(_batches(lines, _LINES)):
            last = (number + 1) * _LINES >= len(lines)
            shape.setBottomMargin(GRID if last else 0)
            with self._at_once():
                self._begin(shape)
                if tokens is None:
                    self._cursor.insertText("\u2028".join(some), look)
                else:
                    self._coloured(tokens, len(some), looks)
            yield

    def _coloured(
        self, tokens: Iterator[tuple[str, str]], lines: int, looks: dict[str, QTextCharFormat]
    ) -> None:
        """Write so many lines of what the lexer found; it says where each ends."""
        left = lines
        for kind, text in tokens:
            if text != "\n":
                self._cursor.insertText(text, looks[kind])
                continue
            left -= 1
            if not left:
                return
            self._cursor.insertText("\u2028", looks[""])

    def _looks(self, plain: QTextCharFormat) -> dict[str, QTextCharFormat]:
        looks = {"": plain}
        for kind in ("keyword", "string", "comment", "name"):
            looks[kind] = QTextCharFormat(plain)
            looks[kind].setForeground(QColor(getattr(self._own, kind)))
        return looks

    # -- tables ------------------------------------------------------------------------------------------

    def _table(self, block: Block) -> Iterator[None]:
        """A table; a long one in several below each other, since Qt lays each out anew with every row."""
        width = max((len(row) for row in block.rows), default=0)
        if not width:
            return
        shape = QTextTableFormat()
        shape.setCellPadding(GRID / 2)
        shape.setCellSpacing(0)
        shape.setBorder(1)
        shape.setBorderBrush(self._line)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setBorderCollapse(True)
        shape.setHeaderRowCount(1)
        long = block.cut or block.follows or len(block.rows) > _WHOLE
        if not block.follows:
            self._columns = self._widths(block.rows, width) if long else []
        if self._columns:
            shape.setColumnWidthConstraints(self._columns)
            if self._columns[0].type() is QTextLength.Type.PercentageLength:
                shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        size = _ROWS if long else _WHOLE
        for number, rows in enumerate(_batches(block.rows, size)):
            last = (number + 1) * size >= len(block.rows)
            shape.setBottomMargin(GRID if last and not block.cut else 0)
            self._part(rows, width, shape, block, first=not number and not block.follows)
            yield

    def _part(
        self, rows: Sequence[Cells], width: int, shape: QTextTableFormat, block: Block, *, first: bool
    ) -> None:
        self._cursor.beginEditBlock()
        self._begin(_nothing())
        table = self._cursor.insertTable(len(rows), width, shape)
        for index, row in enumerate(rows):
            head = QTextCharFormat()
            if first and not index:
                head.setFontWeight(QFont.Weight.DemiBold)
            for column, runs in enumerate(row):
                self._cursor = table.cellAt(index, column).firstCursorPosition()
                aligned = QTextBlockFormat()
                side = block.columns[column] if column < len(block.columns) else ""
                aligned.setAlignment(_ALIGNMENT.get(side, Qt.AlignmentFlag.AlignLeft))
                self._cursor.setBlockFormat(aligned)
                self._runs(runs, head)
        self._cursor = QTextCursor(table.document())
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._cursor.setBlockFormat(_nothing())
        self._cursor.endEditBlock()

    def _widths(self, rows: tuple[Cells, ...], width: int) -> list[QTextLength]:
        """The same for all parts of a table: what its longest cells need, within reason.

        Where the page has less, narrow columns have what they need, and the others share the rest of the page.
        """
        longest = [1] * width
        for row in rows:
            for column, runs in enumerate(row):
                longest[column] = max(longest[column], sum(len(run.text) for run in runs))
        needed = [self._letter * (min(_WIDEST, length) + _SPARE) + 2 * GRID for length in longest]
        page = self._cursor.document().textWidth() - 2 * self._cursor.document().documentMargin()
        if page <= 0 or sum(needed) <= page:
            return [QTextLength(QTextLength.Type.FixedLength, pixels) for pixels in needed]
        left, shares = page, [0.0] * width
        for rank, column in enumerate(sorted(range(width), key=needed.__getitem__)):
            shares[column] = min(needed[column], left / (width - rank))
            left -= shares[column]
        return [QTextLength(QTextLength.Type.PercentageLength, 100 * share / page) for share in shares]


def _nothing() -> QTextBlockFormat:
    """A block that takes hardly any room, as Qt wants one after each table."""
    shape = QTextBlockFormat()
    shape.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return shape


def _tab(position: float) -> QTextOption.Tab:
    tab = QTextOption.Tab()
    tab.position = position
    return tab


def _enlarge(look: QTextCharFormat, steps: int) -> None:
    look.setProperty(QTextFormat.Property.FontSizeAdjustment, steps)


def _set_as_code(look: QTextCharFormat) -> None:
    look.setFontFamilies(code_font().families())
    look.setFontFixedPitch(True)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _tokens(code: str, language: str) -> Iterator[tuple[str, str]] | None:
    """What Pygments finds, line ends apart; ``None`` for code that stays as it is."""
    if len(code) > _HIGHLIGHTED or not language:
        return None
    try:
        lexer = (
            _PYTHON if language in _PYTHONS else get_lexer_by_name(language, stripnl=False, ensurenl=False)
        )
    except ClassNotFound:
        return None
    return (
        (kind_of(token), part)
        for token, text in lexer.get_tokens(code)
        for part in re.split("(\n)", text)
        if part
    )

"""How a run is drawn in a list: its name, and below it what of, how long and when, or where it was found."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPalette, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rlm_desktop.gui.history.model import HeadingRole, HitRole, NoteRole, WhenRole, where
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.fitting import GAP, fitted
from rlm_desktop.gui.widgets.row_delegate import ICON
from rlm_desktop.gui.wire import Hit

Index = QModelIndex | QPersistentModelIndex
_SNIPPET_LINES = 2


class RunDelegate(QStyledItemDelegate):
    """Rows of a fixed number of lines, none wider than the list; the name can be edited in its place.

    The first row of a day has its heading above it.

    Args:
        found: Whether rows show where a search found them; they are one line higher then.
    """

    def __init__(self, found: bool = False) -> None:
        super().__init__()
        self._found = found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        # without a width of its own a row is as wide as the list, and nothing scrolls sideways
        metrics = option.fontMetrics
        lines = 1 + (_SNIPPET_LINES if self._found else 1)
        heading = heading_height(metrics) if index.data(HeadingRole) else 0
        return QSize(0, lines * metrics.lineSpacing() + GRID + heading)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        hit: Hit = index.data(HitRole)
        status, name = QIcon(option.icon), option.text
        quiet = QColor(colours(option.palette).quiet)
        if heading := str(index.data(HeadingRole)):
            self._draw_heading(painter, option, heading, quiet)
        option.rect = row_rect(option, index)
        option.text, option.icon = "", QIcon()
        option.widget.style().drawControl(
            QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget
        )
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
        quiet = ink if chosen else quiet
        box = _text_box(option)
        mode = QIcon.Mode.Selected if chosen else QIcon.Mode.Normal
        middle = Qt.AlignmentFlag.AlignCenter
        status.paint(painter, QRect(option.rect.left() + GRID, box.top(), ICON, _line(option)), middle, mode)
        top = QRect(box)
        if hit.run.pinned:
            top.setWidth(top.width() - ICON)
            pin = icon("pin", quiet.name())
            pin.paint(painter, QRect(top.right() + 1, top.top(), ICON, _line(option)), middle)
        if self._found:
            top = _draw_at_end(painter, option.fontMetrics, str(index.data(WhenRole)), quiet, top)
        _draw_line(painter, option.fontMetrics, name, ink, top)
        box.setTop(box.top() + _line(option))
        if self._found:
            painter.setPen(quiet)
            _draw_snippet(painter, option.font, hit, box)
        else:
            name, *figures = str(index.data(NoteRole)).split(GAP)
            _draw_line(
                painter,
                option.fontMetrics,
                fitted(option.fontMetrics, name, figures, box.width()),
                quiet,
                box,
            )

    def _draw_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, text: str, colour: QColor
    ) -> None:
        box = option.rect.adjusted(GRID, GRID // 2, -GRID, 0)
        _draw_line(painter, option.fontMetrics, text, colour, box)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title of the run"))
        editor.setFrame(False)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # news of the run must not overwrite what is being typed
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(index.data(Qt.ItemDataRole.EditRole))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        option.rect = row_rect(option, index)
        box, height = _text_box(option), _line(option) + GRID // 2
        top = option.rect.top() + GRID // 4
        editor.setGeometry(box.left() - GRID // 2, top, box.width() + GRID, height)


def heading_height(metrics: QFontMetrics) -> int:
    """Pixels that a heading takes above the first row of its day."""
    return metrics.lineSpacing() + GRID


def row_rect(option: QStyleOptionViewItem, index: Index) -> QRect:
    """Where a row is, without the heading above it."""
    return option.rect.adjusted(0, heading_height(option.fontMetrics) if index.data(HeadingRole) else 0, 0, 0)


def _line(option: QStyleOptionViewItem) -> int:
    return option.fontMetrics.lineSpacing()


def _text_box(option: QStyleOptionViewItem) -> QRect:
    """Where a row's text goes: right of its icon."""
    return QRect(option.rect).adjusted(2 * GRID + ICON, GRID // 2, -GRID, -GRID // 2)


def _draw_line(painter: QPainter, metrics: QFontMetrics, text: str, colour: QColor, box: QRect) -> None:
    painter.setPen(colour)
    short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    # on the line's own base, for letters of a higher font would push it down
    painter.drawText(box.left(), box.top() + metrics.ascent(), short)


def _draw_at_end(painter: QPainter, metrics: QFontMetrics, text: str, colour: QColor, box: QRect) -> QRect:
    """A word or two at the right, if they take no more than a third of the room; what of it is left."""
    width = metrics.horizontalAdvance(text)
    if not text or 3 * width > box.width():
        return box
    _draw_line(painter, metrics, text, colour, box.adjusted(box.width() - width, 0, 0, 0))
    return box.adjusted(0, 0, -width - GRID, 0)


def _draw_snippet(painter: QPainter, font: QFont, hit: Hit, box: QRect) -> None:
    """What was found, on two lines; what matches is bold and underlined."""
    metrics = QFontMetrics(font)
    text, marks = excerpt(hit, box.width() // (2 * max(1, metrics.averageCharWidth())))
    strong = QTextCharFormat()
    strong.setFontWeight(QFont.Weight.Bold)
    strong.setFontUnderline(True)
    ranges = []
    for start, end in marks:
        piece = QTextLayout.FormatRange()
        piece.start, piece.length, piece.format = _units(text, start), _units(text[start:end]), strong
        ranges.append(piece)
    layout = QTextLayout(text, font)
    layout.setFormats(ranges)
    layout.beginLayout()
    for number in range(_SNIPPET_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(box.width())
        line.setPosition(QPointF(0, number * metrics.lineSpacing()))
    layout.endLayout()
    painter.save()
    painter.setClipRect(box)
    layout.draw(painter, box.topLeft().toPointF())
    painter.restore()


def excerpt(hit: Hit, lead: int) -> tuple[str, list[tuple[int, int]]]:
    """The snippet after the word for where it stands, cut so that its first match can be seen.

    Args:
        hit: What was found.
        lead: Most characters before the first match, that word included.

    Returns:
        The text, and the characters ``[start, end)`` of it that match.
    """
    head = f"{where(hit)}: "
    first = hit.marks[0][0] if hit.marks else 0
    cut = max(0, first - max(0, lead - len(head)))
    if cut:
        space = hit.snippet.find(" ", cut, first)
        cut = space + 1 if space >= 0 else cut
        head += "…"
    shift = len(head) - cut
    return head + hit.snippet[cut:], [(start + shift, end + shift) for start, end in hit.marks]


def _units(text: str, end: int | None = None) -> int:
    """Length of the text, up to a character, as Qt counts it: in UTF-16 units."""
    return len(text[:end].encode("utf-16-le", "surrogatepass")) // 2

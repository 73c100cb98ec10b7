"""A page of prose that a model wrote: laid out a little at a time, without anything from anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QTextBrowser, QWidget

from rlm_desktop.gui.findings.prose import Block, read_piece
from rlm_desktop.gui.findings.prose_pieces import Piece, pieces
from rlm_desktop.gui.findings.prose_writer import ProseWriter
from rlm_desktop.gui.findings.selected_text import cell_text, is_in_table, selected_text
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr

AT_ONCE = 0.003
"""Seconds of work between two looks at what else the window has to do."""
Blocks = Callable[[], Iterable[Block]]


class ProseView(QTextBrowser):
    """Shows blocks, or a Markdown text to which more may come.

    It fetches nothing: whatever a text names stays a name. Tab goes from link to link, Enter follows one.

    Args:
        name: What screen readers call it.

    Attributes:
        follows: Whether it stays at the end of a text that grows, if it is there.

    Signals:
        linked: A link was followed (its address).
        settled: Everything there is to show has been written.
    """

    linked = Signal(str)
    settled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setTabChangesFocus(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.document().setDocumentMargin(GRID / 2)
        self.follows = False
        self._blocks: Blocks | None = None
        self._text = ""
        self._piece, self._piece_at = Piece(""), 0
        self._more = ""
        self._writer = self._new_writer()
        self._job: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)
        self.anchorClicked.connect(lambda url: self.linked.emit(url.toString()))

    @property
    def busy(self) -> bool:
        """Whether there is more to come of what it was given."""
        return self._timer.isActive()

    def show_blocks(self, blocks: Blocks) -> None:
        """Show these blocks instead of what is there.

        Args:
            blocks: Makes them, one after the other as they are written; again when the scheme changes.
        """
        self._text, self._more, self._blocks = "", "", blocks
        self.clear()
        self._writer = self._new_writer()
        self._begin(self._writer.write(blocks()))

    def show_text(self, text: str) -> None:
        """Show a Markdown text instead of what is there."""
        self._blocks, self._text, self._more = None, "", ""
        self._piece, self._piece_at = Piece(""), 0
        self.clear()
        self._writer = self._new_writer()
        self.append_text(text)

    def append_text(self, text: str) -> None:
        """Go on with a Markdown text, wherever in it the part before was cut."""
        self._text += text
        self._more += text
        if not self._timer.isActive():
            self._begin(self._go_on())

    def _go_on(self) -> Iterator[None]:
        """Write what came to the text, the last piece again with it, since its last block may go on."""
        while self._more:
            text, self._more = self._piece.text + self._more, ""
            cursor = self.textCursor()
            cursor.setPosition(self._piece_at)
            cursor.movePosition(cursor.MoveOperation.End, cursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            for piece in pieces(text, self._piece.head):
                self._piece, self._piece_at = piece, self.document().characterCount() - 1
                yield from self._writer.write(read_piece(piece))

    def _new_writer(self) -> ProseWriter:
        return ProseWriter(self.document(), self.palette(), self.font())

    def _begin(self, job: Iterator[None]) -> None:
        self._job = job
        self._timer.start()
        self._work()

    def _work(self) -> None:
        end = perf_counter() + AT_ONCE
        bar = self.verticalScrollBar()
        place, at_end = bar.value(), self.follows and bar.value() == bar.maximum()
        while perf_counter() < end:
            if next(self._job, self) is self:
                self._timer.stop()
                self.settled.emit()
                break
        cursor = self.textCursor()
        if (
            cursor.atEnd() and not cursor.hasSelection()
        ):  # it went along with the text, and the view would follow it
            cursor.setPosition(0)
            self.setTextCursor(cursor)
        bar.setValue(bar.maximum() if at_end else place)

    def _again(self) -> None:
        """In other colours."""
        place = self.verticalScrollBar().value()
        if self._blocks is not None:
            self.show_blocks(self._blocks)
        elif self._text:
            self.show_text(self._text)
        self.verticalScrollBar().setValue(place)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            QTimer.singleShot(0, self, self._again)

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied or dragged: of a table nothing but the text of the cells that are marked."""
        cursor = self.textCursor()
        copied = QMimeData()
        copied.setText(selected_text(cursor))
        if not is_in_table(cursor):
            copied.setHtml(cursor.selection().toHtml())
        return copied

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu(event.pos())
        cell = cell_text(self.cursorForPosition(event.pos()))
        if cell:
            copy = QAction(tr("Copy cell"), menu)
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(cell))
            menu.insertAction(menu.actions()[0], copy)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing, whatever it is."""
        return None

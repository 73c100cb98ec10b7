"""A page to read beside the window: the help, or all keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QTextCursor, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from rlm_desktop.gui.care.manual import DO
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.search_box import SearchBox

_LETTERS = 100
_LINES = 34
"""Size at first, in characters and lines of the person's font."""


class ReadingDialog(QDialog):
    """A text that can be searched and printed, with links that do things.

    Args:
        title: Of the dialog.
        search: Name of the search field.

    Signals:
        wanted: A link of an action was followed (its name).
    """

    wanted = Signal(str)

    def __init__(self, title: str, search: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.search = SearchBox(search)
        self.page = QTextBrowser()
        self.page.setAccessibleName(title)
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(self._follow)
        self.note = QuietLabel()
        self.note.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.print = buttons.addButton(tr("Print…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.print.setAutoDefault(False)
        self.print.clicked.connect(self._choose_printer)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addWidget(self.search)
        layout.addWidget(self.note)
        layout.addWidget(self.page, 1)
        layout.addWidget(buttons)
        self.search.textChanged.connect(self.look_for)
        self.search.left.connect(self.go_on)
        self._fit()

    def start(self) -> None:
        """Show it, or bring it to the front."""
        self.fill()
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus()
        self.search.selectAll()

    def fill(self) -> None:
        """Write the page."""

    def look_for(self, typed: str) -> None:
        """Show what was typed."""

    def go_on(self) -> None:
        """From the search field to what was found."""
        self.page.setFocus()

    def _follow(self, url: QUrl) -> None:
        if url.toString().startswith(DO):
            self.wanted.emit(url.toString().removeprefix(DO))
        else:
            QDesktopServices.openUrl(url)

    def _choose_printer(self) -> None:
        dialog = QPrintDialog(QPrinter(QPrinter.PrinterMode.HighResolution), self)
        dialog.setWindowTitle(tr("Print: {title}").format(title=self.windowTitle()))
        dialog.accepted.connect(lambda: self.page.document().print_(dialog.printer()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def _fit(self) -> None:
        letters = self.fontMetrics()
        wanted = self.size()
        wanted.setWidth(letters.averageCharWidth() * _LETTERS)
        wanted.setHeight(letters.lineSpacing() * _LINES)
        self.resize(wanted.boundedTo(self.screen().availableSize() * 0.9))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange) and self.isVisible():
            QTimer.singleShot(0, self, self.fill)


class HelpPage(ReadingDialog):
    """The help.

    Args:
        text: Writes it, as Markdown.
    """

    def __init__(self, text: Callable[[], str], parent: QWidget) -> None:
        super().__init__(tr("Help"), tr("Search the help"), parent)
        self._text = text

    def fill(self) -> None:
        self.page.setMarkdown(self._text())

    def look_for(self, typed: str) -> None:
        self.page.moveCursor(self.page.textCursor().MoveOperation.Start)
        found = not typed.strip() or self.page.find(typed.strip())
        self.note.setVisible(not found)
        self.note.setText(tr("The help does not speak of “{words}”.").format(words=typed.strip()))

    def go_on(self) -> None:
        """To the next place, and after the last to the first."""
        typed = self.search.text().strip()
        if typed and not self.page.find(typed, QTextDocument.FindFlag(0)):
            self.look_for(typed)


class ShortcutsPage(ReadingDialog):
    """All keys, written a menu at a time: all at once would hold the window up.

    Args:
        tables: Write those that speak of what was typed, as HTML, a table for each menu.
    """

    def __init__(self, tables: Callable[[str], Iterator[str]], parent: QWidget) -> None:
        super().__init__(tr("Keyboard shortcuts"), tr("Search the shortcuts"), parent)
        self._tables = tables
        self._coming: Iterator[str] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._write)

    @property
    def busy(self) -> bool:
        """Whether there is more to come."""
        return self._timer.isActive()

    def fill(self) -> None:
        self.look_for(self.search.text())

    def look_for(self, typed: str) -> None:
        self.page.clear()
        self._coming = self._tables(typed.strip())
        self._timer.start()
        self._write()
        found = not self.page.document().isEmpty()
        self.note.setVisible(not found)
        self.note.setText(tr("No action speaks of “{words}”.").format(words=typed.strip()))

    def _write(self) -> None:
        table = next(self._coming, None)
        if table is None:
            self._timer.stop()
            return
        place = self.page.verticalScrollBar().value()
        end = QTextCursor(self.page.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.insertHtml(table)
        self.page.verticalScrollBar().setValue(place)

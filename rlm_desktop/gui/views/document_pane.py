"""The opened documents, one tab each; before there are any, what to do first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.icons import icon
from rlm_desktop.gui.line_source import LineSource
from rlm_desktop.gui.theme import GRID, colours
from rlm_desktop.gui.views.document_view import DocumentView
from rlm_desktop.gui.views.go_to_line import GoToLine
from rlm_desktop.gui.views.quiet_label import QuietLabel
from rlm_desktop.gui.wire import Document


class DocumentPane(QStackedWidget):
    """Shows documents in tabs."""

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._title = QLabel()
        self._text = QuietLabel()
        self._picture = QLabel()
        self.open = QPushButton("Open a file or folder…")
        self.open.setAccessibleName("Open a file or folder")
        self.open.setDefault(True)
        self.open.setEnabled(False)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs.setAccessibleName("Documents")
        self.tabs.tabBar().setAccessibleName("Opened documents")
        self.tabs.tabCloseRequested.connect(self._close)
        self.bar = GoToLine()
        self.bar.chosen.connect(self._go)
        self.bar.closed.connect(self._focus)
        documents = QWidget()
        layout = QVBoxLayout(documents)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.bar)
        self._empty = self._first_page()
        self.addWidget(self._empty)
        self.addWidget(documents)
        self._say("", "")
        self.say_opening("")

    def _first_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(2 * GRID)
        layout.addStretch(1)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        self._title.setFont(font)
        for label in (self._picture, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(label is not self._picture)
            layout.addWidget(label)
        layout.addWidget(self.open, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)
        return page

    def offer(self, open_file: QAction, open_folder: QAction) -> None:
        """Let the one button of the first page open a file or a folder."""
        menu = QMenu(self.open)
        menu.addAction(open_file)
        menu.addAction(open_folder)
        self.open.setMenu(menu)
        self.open.setEnabled(True)

    def say_opening(self, what: str) -> None:
        """Say on the first page what is being opened; nothing is, if ``what`` is empty."""
        if what:
            self._say(what, "A large folder takes a moment: every text file in it is looked at once.")
        else:
            self._say(
                "Ask a question of any text",
                "A book, a folder of notes, the source code of a program: however large it is.\n"
                "Nothing leaves this computer.",
            )
        self.open.setVisible(not what)

    def say_choose(self) -> None:
        """A folder is open and no document of it is on show yet."""
        self._say("Ready", "Ask about the whole folder, or choose a document in the library to read it.")
        self.open.hide()

    def _say(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self.refresh_colours()

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        self._picture.setPixmap(icon("app", colours(self.palette()).busy).pixmap(6 * GRID))

    @property
    def current(self) -> DocumentView | None:
        """The document on show."""
        widget = self.tabs.currentWidget()
        return widget if self.currentIndex() == 1 and isinstance(widget, DocumentView) else None

    def views(self) -> list[DocumentView]:
        """Every opened document."""
        pages = (self.tabs.widget(number) for number in range(self.tabs.count()))
        return [page for page in pages if isinstance(page, DocumentView)]

    def show_document(self, document: Document) -> DocumentView:
        """Show a document in its tab, which is made if there is none yet."""
        for view in self.views():
            if view.source.document.path == document.path:
                self.tabs.setCurrentWidget(view)
                return view
        view = DocumentView(LineSource(self._engine, document, self))
        number = self.tabs.addTab(view, document.name.replace("\\", "/").rsplit("/", 1)[-1])
        self.tabs.setTabToolTip(number, document.path)
        self.tabs.setCurrentIndex(number)
        self.setCurrentIndex(1)
        return view

    def ask_for_line(self) -> None:
        """Ask which line to go to."""
        view = self.current
        if view is not None:
            self.bar.ask(view.source.total)

    def _go(self, line: int) -> None:
        if self.current is not None:
            self.current.go_to(line)

    def _focus(self) -> None:
        if self.current is not None:
            self.current.setFocus()

    def _close(self, number: int) -> None:
        view = self.tabs.widget(number)
        self.tabs.removeTab(number)
        if isinstance(view, DocumentView):
            view.source.deleteLater()
            view.deleteLater()
        if not self.tabs.count():
            self.setCurrentIndex(0)
            self.say_choose()

"""The opened documents, one tab each; before there are any, what to do first."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.library.document_tabs import DocumentTabs
from rlm_desktop.gui.library.document_view import DocumentView
from rlm_desktop.gui.library.go_to_line import GoToLine
from rlm_desktop.gui.library.line_source import LineSource
from rlm_desktop.gui.library.welcome_page import WelcomePage
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.wire.documents import Document


class DocumentPane(QStackedWidget):
    """Shows documents in tabs.

    Attributes:
        note: Says what is to be known of a document besides its text.

    Signals:
        rearranged: A document was opened, closed, moved or turned to.
        scrolled: A document is shown at another place.
        answered: The engine has read some of a document, or told why it cannot (`DocumentView`).
        emptied: The last document was closed.
    """

    rearranged = Signal()
    scrolled = Signal()
    answered = Signal(object)
    emptied = Signal()

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self.welcome = WelcomePage()
        self.tabs = QTabWidget()
        self.tabs.setTabBar(DocumentTabs())
        self.tabs.setDocumentMode(True)
        self.tabs.setMovable(True)
        self.tabs.setAccessibleName(tr("Documents"))
        self.tabs.tabBar().tabCloseRequested.connect(self._close)
        self.tabs.tabBar().tabMoved.connect(self.rearranged)
        self.tabs.currentChanged.connect(self.rearranged)
        self.note = Banner()
        self.bar = GoToLine()
        self.bar.chosen.connect(self._go)
        self.bar.closed.connect(self._focus)
        documents = QWidget()
        layout = QVBoxLayout(documents)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.note)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.bar)
        self.addWidget(self.welcome)
        self.addWidget(documents)

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
        view = self.add(document)
        self.tabs.setCurrentWidget(view)
        return view

    def add(self, document: Document) -> DocumentView:
        """Have a tab for a document, without turning to it."""
        for view in self.views():
            if view.source.document.path == document.path:
                return view
        view = DocumentView(LineSource(self._engine, document, self))
        view.verticalScrollBar().valueChanged.connect(self.scrolled)
        view.source.arrived.connect(lambda: self.answered.emit(view))
        view.source.failed.connect(lambda _: self.answered.emit(view))
        number = self.tabs.addTab(view, document.name.replace("\\", "/").rsplit("/", 1)[-1])
        self.tabs.setTabToolTip(number, document.path)
        self.setCurrentIndex(1)
        self.rearranged.emit()
        return view

    def turn_to(self, number: int) -> None:
        """Show the document in this tab, counted from 0, if there is one."""
        self.tabs.setCurrentIndex(number)

    def close_documents(self, paths: Collection[str]) -> None:
        """Close the tabs of these documents."""
        for number in reversed(range(self.tabs.count())):
            view = self.tabs.widget(number)
            if isinstance(view, DocumentView) and view.source.document.path in paths:
                self._close(number)

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
            view.source.leave()
            view.deleteLater()
        if not self.tabs.count():
            self.setCurrentIndex(0)
            self.note.hide()
            self.emptied.emit()
        self.rearranged.emit()

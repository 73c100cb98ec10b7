"""A stored text of any length, shown a page at a time, as it is or as the page its Markdown describes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.events import TextHash
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.code_view import CodeView
from rlm_desktop.gui.findings.prose_pieces import open_fence
from rlm_desktop.gui.findings.prose_view import ProseView
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID, code_font
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.widgets.find_bar import TextView
from rlm_desktop.gui.wire import EngineError, TextPage

PAGE = 100_000
"""Characters fetched at once; a text edit lays these out in some ten milliseconds."""
_OVERLAP = 200
"""Characters by which the tail of a growing text is recognised in what is shown of it."""
_ROLES = {"system": later("Instructions"), "user": later("User"), "assistant": later("Model")}


def role_name(role: str) -> str:
    """Who speaks in a message, as people call it."""
    return tr(_ROLES.get(role, role))


class TextPages(QWidget):
    """Shows texts that are named by hash, each below its heading, fetching page after page.

    Args:
        engine: Where the texts are.
        name: What screen readers call it.
        code: Whether the text is Python code.
        prose: Whether the text is Markdown, which is shown as a page unless it is wanted raw.

    Signals:
        linked: A link in a page of Markdown was followed (its address).
    """

    linked = Signal(str)

    def __init__(self, engine: EngineClient, name: str, *, code: bool = False, prose: bool = False) -> None:
        super().__init__()
        self._engine = engine
        self._parts: tuple[tuple[str, TextHash], ...] = ()
        self._next = 0
        self._read = 0
        self._live = False
        self._asking = 0
        self._marked_up = ""
        self.view: QPlainTextEdit = CodeView() if code else QPlainTextEdit()
        if not code:
            self.view.setReadOnly(True)
            self.view.setFont(code_font())
            self.view.setTabChangesFocus(True)
            self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.view.setAccessibleName(name)
        self.page = ProseView(name) if prose else None
        self._views = QStackedWidget()
        self._views.addWidget(self.view)
        if self.page is not None:
            self._views.addWidget(self.page)
            self._views.setCurrentWidget(self.page)
            self.page.linked.connect(self.linked)
        self._note = QLabel()
        self._more = QPushButton(tr("Show more"))
        self._more.setAccessibleName(tr("Show more of: {}").format(name))
        self._more.clicked.connect(self._ask)
        self._footer = QWidget()
        footer = QHBoxLayout(self._footer)
        footer.setContentsMargins(GRID, 0, GRID, 0)
        footer.addWidget(self._note, 1)
        footer.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self._views)
        layout.addWidget(self._footer)
        self._footer.hide()

    @property
    def text_view(self) -> TextView:
        """What is on show."""
        return self.page if self.page is not None and not self._raw else self.view

    @property
    def _raw(self) -> bool:
        return self._views.currentWidget() is self.view

    def show_raw(self, raw: bool) -> None:
        """Show the text as it was written, or as the page it describes."""
        if self.page is not None and raw != self._raw:
            self._views.setCurrentWidget(self.view if raw else self.page)
            self.page.show_text("" if raw else self._marked_up)

    def show_texts(self, parts: Sequence[tuple[str, TextHash]]) -> None:
        """Show stored texts one below the other, each with its heading unless that is empty."""
        if tuple(parts) == self._parts and not self._live:
            return
        self._parts = tuple(parts)
        self._go_live(False)
        self._next, self._read = 0, 0
        self._asking += 1
        self._set("")
        self._ask()

    def show_live(self, text: str) -> None:
        """Show the end of a text that still grows; the view stays at the text's end if it is there."""
        shown = self.view.toPlainText() if self._live else ""
        self._parts = ()
        self._go_live(True)
        self._asking += 1
        self._footer.hide()
        bar = self.text_view.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        if shown and text.startswith(shown):
            self._append(text[len(shown) :])
        elif len(shown) > _OVERLAP and (known := text.find(shown[-_OVERLAP:])) >= 0:
            self._append(text[known + _OVERLAP :])  # it has grown out of what a row keeps of it
        elif text != shown:
            self._set(text)
        if at_end:
            bar.setValue(bar.maximum())

    def _go_live(self, live: bool) -> None:
        self._live = live
        if self.page is not None:
            self.page.follows = live

    def _ask(self) -> None:
        if self._next >= len(self._parts):
            return
        asking, part = self._asking, self._parts[self._next]
        self._note.setText(tr("Reading…"))
        self._more.hide()
        self._footer.show()
        done: Callable[[TextPage], None] = lambda page: self._take(asking, page)  # noqa: E731
        fields: dict[str, Any] = {"hash": part[1], "from": self._read, "count": PAGE}
        self._engine.request("text", TextPage, done, lambda error: self._refused(asking, error), **fields)

    def _take(self, asking: int, page: TextPage) -> None:
        if asking != self._asking:
            return
        heading = self._parts[self._next][0]
        if heading and not self._read:
            self._head(heading)
        self._append(page.text)
        self._read += len(page.text)
        if self._read < page.total and page.text:
            said = tr("{read} of {all} characters")
            self._note.setText(said.format(read=numbers.count(self._read), all=numbers.count(page.total)))
            self._more.show()
            self._recolour()
            return
        self._next, self._read = self._next + 1, 0
        if self._next < len(self._parts):
            self._ask()
        else:
            self._footer.hide()
            self._recolour()

    def _refused(self, asking: int, error: EngineError) -> None:
        if asking == self._asking:
            self._note.setText(str(error))

    def _set(self, text: str) -> None:
        self.view.setPlainText(text)
        self._marked_up = text
        if self.page is not None and not self._raw:
            self.page.show_text(text)

    def _head(self, heading: str) -> None:
        gap = "\n\n" if self._next else ""
        self._write(f"{gap}── {heading} ──\n")
        fence = open_fence(self._marked_up)  # a text that was cut must not draw the next one into its code
        self._mark_up((f"\n{fence}" if fence else "") + f"{gap}###### {heading}\n\n")

    def _append(self, text: str) -> None:
        self._write(text)
        self._mark_up(text)

    def _write(self, text: str) -> None:
        cursor = QTextCursor(self.view.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    def _mark_up(self, text: str) -> None:
        if self.page is None:
            return
        self._marked_up += text
        if not self._raw:
            self.page.append_text(text)

    def _recolour(self) -> None:
        if isinstance(self.view, CodeView):
            self.view.colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.view.setFont(code_font())

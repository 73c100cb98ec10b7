"""The tabs of documents are there again at the next start: in their order, each where it was scrolled to."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject

from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.document_view import DocumentView
from rlm_desktop.gui.library.line_source import Written
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire.documents import Document

KEEP_MS = 1_000
"""How long after the last turn of the wheel the place is written down."""
_KEPT = "open/tabs"


class Tab(msgspec.Struct, frozen=True):
    """A document, the line (from 0) at the top, and the file as it was when it was read."""

    document: Document
    line: int = 0
    written: Written | None = None


class Tabs(msgspec.Struct, frozen=True):
    """What was open, from left to right, and which of it was on show, from 0."""

    tabs: tuple[Tab, ...] = ()
    current: int = 0


class KeptTabs(QObject):
    """Writes the tabs down as they change, and opens them again.

    The one on show is written down once the engine has answered: a document that it does not survive is tried a
    single time. The others are asked for only when they are turned to.

    Args:
        documents: The tabs.
        choices: Where they are written down.
    """

    def __init__(self, documents: DocumentPane, choices: Choices) -> None:
        super().__init__(documents)
        self._documents = documents
        self._choices = choices
        self._were = read_tabs(choices.kept(_KEPT))
        self._before: dict[str, Written] = {}
        self._soon = once(self, KEEP_MS, self.keep)
        documents.rearranged.connect(self.keep)
        documents.scrolled.connect(self._soon.start)
        documents.answered.connect(self._compare)

    def reopen(self) -> None:
        """Open what was open. What is gone meanwhile says so in its tab."""
        were = self._were
        for tab in were.tabs:
            view = self._documents.add(tab.document)
            view.begin_at(tab.line)
            if tab.written is not None:
                self._before[tab.document.path] = tab.written
        self._documents.turn_to(were.current)
        self.drop()

    def drop(self) -> None:
        """What was open stays closed, and what is open now takes its place."""
        self._were = Tabs()
        self.keep()

    def keep(self) -> None:
        """Write down now what would be written down in a moment; not before it is settled what becomes of the former."""
        self._soon.stop()
        if self._were.tabs:
            return
        current = self._documents.current
        views = [view for view in self._documents.views() if view is not current or view.source.survived]
        tabs = Tabs(tuple(map(self._tab, views)), views.index(current) if current in views else 0)
        self._choices.keep(_KEPT, msgspec.json.encode(tabs).decode() if views else None)

    def _tab(self, view: DocumentView) -> Tab:
        document = view.source.document
        return Tab(document, view.place, view.source.written or self._before.get(document.path))

    def _compare(self, view: DocumentView) -> None:
        """The place that a document was left at is said to be another if its file was written to since."""
        self._soon.start()
        path, written = view.source.document.path, view.source.written
        if written is None:
            return
        before = self._before.pop(path, written)
        if before != written:
            sentence = tr(
                "{name} was written to since it was last on show here: it may read differently now."
            )
            self._documents.note.say(sentence.format(name=numbers.names([path])))


def read_tabs(kept: str | None) -> Tabs:
    """Tabs as they were written down; none, if somebody else wrote there."""
    try:
        tabs = msgspec.json.decode(kept or "{}", type=Tabs)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return Tabs()
    return tabs if all(tab.document.path and tab.line >= 0 for tab in tabs.tabs) else Tabs()

"""From paths that a person named to the documents on show."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.wire.documents import Opened


class Opening(QObject):
    """Opens paths, now or as soon as there is an engine, and shows of the library what came of it.

    Args:
        engine: Reads documents.
        library: Knows what is open.
        documents: Shows it.

    Signals:
        told: What is being read (a short description), or no longer (empty).
    """

    told = Signal(str)

    def __init__(self, engine: EngineClient, library: Library, documents: DocumentPane) -> None:
        super().__init__(documents)
        self._engine, self._library, self._documents = engine, library, documents
        self._waiting: list[tuple[str, ...]] = []
        engine.greeted.connect(self._greeted)
        library.opening.connect(self._opening)
        library.opened.connect(self._say_what_next)
        library.closed.connect(self._closed)
        documents.emptied.connect(self._say_what_next)

    def open(self, paths: Sequence[str]) -> None:
        """Open files or folders together; one that is not there keeps none of the others from being opened."""
        there = tuple(path for path in paths if os.path.exists(path))  # noqa: PTH110 - Path raises for long names
        gone = ((path,) for path in paths if path not in there)  # each is refused by its name
        self._waiting += [together for together in (there, *gone) if together]
        if self._engine.alive:
            self._open_waiting()

    def _greeted(self) -> None:
        for view in self._documents.views():
            view.source.retry()
        self._open_waiting()

    def _open_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for paths in waiting:
            self._library.open(paths, self._show)

    def _opening(self, what: str) -> None:
        if what or not self._library.model.sources:
            self._documents.welcome.say_opening(what)
        self.told.emit(what)

    def _show(self, source: Opened) -> None:
        """Somebody asked for it: if there is nothing to choose from, that is what is looked at."""
        if source.files == 1 and source.documents:
            self._documents.show_document(source.documents[0])

    def _closed(self, source: Opened) -> None:
        still_open = {document.path for one in self._library.model.sources for document in one.documents}
        self._documents.close_documents({document.path for document in source.documents} - still_open)
        self._say_what_next()

    def _say_what_next(self) -> None:
        if self._library.model.sources:
            self._documents.welcome.say_choose()
        else:
            self._documents.welcome.say_opening("")

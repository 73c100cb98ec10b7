"""The runs of the past: the list of them, what a search finds, and what a person does with them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.history.days import Midnight
from rlm_desktop.gui.history.model import PAGE, HistoryModel
from rlm_desktop.gui.wire import HistoryPage, Nothing, Notice, SearchPage, Summary


class History(QObject):
    """Keeps two lists of runs, all of them and those that were found, as the engine knows them.

    Attributes:
        awaited: Whether the engine has yet to tell which runs there are.

    Signals:
        told: It has, or has ended.
        searched: What is found is listed now, or nothing is searched any more (the text).
        deleted: A run went to the trash (`Summary`).
        restored: A run came back from there (its id).
        refused: The engine did not do what a person asked for (`EngineError`).
    """

    told = Signal()
    searched = Signal(str)
    deleted = Signal(object)
    restored = Signal(str)
    refused = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self.all = HistoryModel(by_day=True)
        self.found = HistoryModel()
        self._engine = engine
        self._text = ""
        self.awaited = True
        self.all.wanted.connect(self._page_all)
        self.found.wanted.connect(self._page_found)
        for model in (self.all, self.found):
            model.renamed.connect(self.rename)
        engine.noticed.connect(self._noticed)
        midnight = Midnight(self)
        for model in (self.all, self.found):
            midnight.passed.connect(model.rename_days)
        engine.died.connect(self._settle)

    def refresh(self) -> None:
        """Ask for both lists again."""
        self.all.refresh()
        if self._text:
            self.found.refresh()

    def update(self, summary: Summary) -> None:
        """Something new is known of a run."""
        self.all.update(summary)
        if self.found.index_of(summary.run).isValid():
            self.found.update(summary)

    def search(self, text: str) -> None:
        """List the runs that hold these words; an empty text ends the search."""
        text = text.strip()
        if text == self._text:
            return
        self._text = text
        if text:
            self.found.refresh()
        else:
            self.found.clear()
            self.searched.emit("")

    def rename(self, run: str, title: str) -> None:
        """Give a run a title; an empty one takes it away."""
        self._change("rename", run=run, title=title)

    def pin(self, run: str, pinned: bool) -> None:
        """Keep a run above the others, or no longer."""
        self._change("pin", run=run, pinned=pinned)

    def delete(self, summary: Summary) -> None:
        """Put a run into the trash, where it is kept for a week; one that goes on is left alone."""
        if summary.running:
            return

        def done(_: Nothing) -> None:
            for model in (self.all, self.found):
                model.remove(summary.run)
            self.deleted.emit(summary)

        self._engine.request("delete", Nothing, done, self.refused.emit, run=summary.run)

    def restore(self, run: str) -> None:
        """Bring a run back from the trash."""
        self._engine.request(
            "restore", Nothing, lambda _: self.restored.emit(run), self.refused.emit, run=run
        )

    def _change(self, command: str, **fields: object) -> None:
        """What the list looks like afterwards, the engine says by itself."""
        self._engine.request(command, Nothing, lambda _: None, self.refused.emit, **fields)

    def _noticed(self, notice: Notice) -> None:
        if notice.kind in ("history", "unsaved"):
            self.refresh()

    def _page_all(self, first: int) -> None:
        def done(page: HistoryPage) -> None:
            self.all.take(first, page)
            self._settle()

        fields: dict[str, Any] = {"from": first, "count": PAGE}
        self._engine.request("history", HistoryPage, done, **fields)

    def _settle(self) -> None:
        if self.awaited:
            self.awaited = False
            self.told.emit()

    def _page_found(self, first: int) -> None:
        text = self._text

        def done(page: SearchPage) -> None:
            if text == self._text:  # an answer to what was typed before comes too late
                self.found.take(first, page)
                self.searched.emit(text)

        fields: dict[str, Any] = {"text": text, "from": first, "count": PAGE}
        self._engine.request("search", SearchPage, done, self.refused.emit, **fields)

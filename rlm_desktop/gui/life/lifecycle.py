"""From the start of the program to its end: what is opened and opened again, hidden, handed over, dropped and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu

from rlm_desktop.gui.asking.queue import Queue
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.kept.preferences import REOPEN, Preferences
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.drops import Drops
from rlm_desktop.gui.library.kept_tabs import KeptTabs
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.panel import LibraryPanel
from rlm_desktop.gui.library.recent import Recent
from rlm_desktop.gui.library.recent_menu import RecentMenu
from rlm_desktop.gui.life.announcer import Announcer
from rlm_desktop.gui.life.presence import Presence
from rlm_desktop.gui.life.reopening import Reopening
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire.documents import Opened

KEEP_MS = 1_000
"""How long after the last change the place of the window and its panes is written down."""
_MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange}


class LifeCycle(QObject):
    """Connects the window with what outlasts it.

    Args:
        window: What comes and goes.
        engine: Ends before it.
        library: What is open.
        documents: What of it is on show.
        recent: What was.
        runs: What goes on.
        queue: What waits to go on.
        choices: Where it is all written down.
        preferences: What of it a person wants.
        session: Whether there is a session that documents can come to.
        save: Writes down the place of the window and its panes.

    Attributes:
        presence: Closes, hides and brings back the window.
        announcer: Says that a run has ended.
        drops: What is dropped on the window.
        reopening: Opens again what was open.
    """

    def __init__(
        self,
        window: QMainWindow,
        engine: EngineClient,
        *,
        library: Library,
        documents: DocumentPane,
        recent: Recent,
        runs: Runs,
        queue: Queue,
        choices: Choices,
        preferences: Preferences,
        session: Callable[[], bool],
        save: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._library = library
        self._recent = recent
        self._preferences = preferences
        self._save = save
        self._afresh = self._begun = False
        self._tabs = KeptTabs(documents, choices)
        self.announcer = Announcer(window, runs, preferences)
        self.presence = Presence(window, engine, runs, queue, self.announcer)
        self.drops = Drops(window, session)
        self.reopening = Reopening(engine, library, self._tabs, runs, choices)
        self._keep = once(self, KEEP_MS, save)
        self.presence.hiding.connect(self.save)
        engine.greeted.connect(self._greeted)
        library.opened.connect(self._opened)
        window.installEventFilter(self)
        for dock in window.findChildren(QDockWidget):
            dock.installEventFilter(self)

    def offer(self, actions: Mapping[str, QAction], panel: LibraryPanel) -> None:
        """Take on the actions: the list of what was open lately stands above the one that clears it."""
        menus = [owner for owner in actions["clear_recent"].associatedObjects() if isinstance(owner, QMenu)]
        for menu in menus:
            RecentMenu(menu, self._recent).chosen.connect(panel.reopened)

    def save(self) -> None:
        """Write down now what would be written down in a moment."""
        self._keep.stop()
        self._save()
        self._tabs.keep()

    def begin(self) -> None:
        """The window is there: what was open is about to be, if the person wants that."""
        if self._preferences.get(REOPEN):
            self.reopening.expect()
        else:
            self.begin_afresh()

    def begin_afresh(self) -> None:
        """The former documents are not opened again, as when the program was started for certain others."""
        self._afresh = True
        self.reopening.drop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and self._begun:
            self._keep.start()
        elif (
            event.type() is QEvent.Type.ActivationChange and cast(QMainWindow, self.parent()).isActiveWindow()
        ):
            self._recent.look()  # files come and go
        return super().eventFilter(watched, event)

    def _greeted(self) -> None:
        self._recent.look()
        if not self._begun and not self._afresh:
            self.reopening.reopen()
        self._begun = True

    def _opened(self, source: Opened) -> None:
        self._recent.note(source.paths)
        self._recent.look()

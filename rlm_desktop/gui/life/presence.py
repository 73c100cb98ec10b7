"""Whether the window is there: brought forward, hidden while a run goes on, closed for good."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow

from rlm_desktop.gui.asking.queue import Queue
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.life.announcer import Announcer
from rlm_desktop.gui.life.close_question import CloseQuestion
from rlm_desktop.gui.life.single_instance import TOKEN_VARIABLE
from rlm_desktop.gui.run.runs import Runs


class Presence(QObject):
    """What closing means. The engine ends before the window does.

    A hidden window is there as long as its runs, and the notification that says they have ended, are; then the
    program ends by itself rather than stay where nobody sees it. Everything is in the history.

    Args:
        window: What is closed, hidden and brought back.
        engine: Ends before the window does.
        runs: What may go on.
        queue: What goes on by itself after that.
        announcer: Says that it has ended.

    Signals:
        hiding: The window is about to be hidden.
        leaving: The window is closing, and nothing stops that any more: what goes on is to be stopped.
        gone: It is closed.
    """

    hiding = Signal()
    leaving = Signal()
    gone = Signal()

    def __init__(
        self,
        window: QMainWindow,
        engine: EngineClient,
        runs: Runs,
        queue: Queue,
        announcer: Announcer,
    ) -> None:
        super().__init__(window)
        self.question = CloseQuestion(window)
        self._window = window
        self._engine = engine
        self._runs = runs
        self._queue = queue
        self._announcer = announcer
        self._floating: list[QDockWidget] = []
        self._hidden = self._leaving = False
        self.question.hidden.connect(self.hide)
        self.question.stopped.connect(self.leave)
        announcer.wanted.connect(self.come_forward)
        announcer.settled.connect(self._look_around)
        runs.busy_changed.connect(self._look_around)
        queue.changed.connect(self._look_around)
        engine.ended.connect(window.close)

    @property
    def hidden(self) -> bool:
        """Whether the window is hidden, and comes back when it is called."""
        return self._hidden

    @property
    def _goes_on(self) -> bool:
        """Whether a run goes on, or the next is about to begin."""
        return self._runs.busy or self._queue.goes_on

    def may_go(self) -> bool:
        """The window is being closed: whether that may happen now.

        If not, it will be closed when the engine has ended, or the person is asked what to do with the run.
        """
        if not self._engine.alive:
            self._announcer.close()
            self.gone.emit()
            return True
        if self._goes_on and not self._leaving:
            self.question.put(notified=self._announcer.wished, queued=self._queue.goes_on)
        else:
            self.leave()
        return False

    def leave(self) -> None:
        """Stop what goes on, and close."""
        if not self._leaving:
            self._leaving = True
            self.leaving.emit()
        if not self._runs.busy:
            self._engine.close()

    def hide(self) -> None:
        """Let the run go on without the window."""
        if not self._goes_on:  # it has ended while the question was open
            self._window.close()
            return
        self._hidden = True
        self.hiding.emit()
        docks = self._window.findChildren(QDockWidget)
        self._floating = [dock for dock in docks if dock.isFloating() and dock.isVisible()]
        for dock in self._floating:
            dock.hide()
        self._window.hide()

    def come_forward(self, token: str = "") -> None:
        """Show the window, above others as far as the desktop allows.

        Args:
            token: Of the launch or click that asks for it; Wayland lets no window come forward without one.
        """
        if token:
            os.environ[TOKEN_VARIABLE] = token  # where Qt looks for it
        self._hidden = False
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        for dock in self._floating:
            dock.show()
        self._floating = []
        self._window.raise_()
        self._window.activateWindow()

    def _look_around(self) -> None:
        if self._leaving and not self._runs.busy:
            self._engine.close()
        if self._leaving or self._goes_on:
            return
        self.question.close()  # what it asks about is over
        if self._hidden and not self._announcer.open:
            self.leave()

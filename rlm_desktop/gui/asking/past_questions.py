"""What was asked before, from the history, for whoever wants to ask it again."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire import EngineError, Notice
from rlm_desktop.gui.wire.ask import PastQuestions as Answer

KEPT = 500
_PAUSE_MS = 200
"""A run that begins and one that ends change the history several times in a row."""


class PastQuestions(QObject):
    """Follows the history.

    Signals:
        changed: Each question once, the one asked last first (tuple of `str`).
    """

    changed = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._timer = once(self, _PAUSE_MS, self._ask)
        engine.greeted.connect(self._ask)
        engine.noticed.connect(self._noticed)

    def _noticed(self, notice: Notice) -> None:
        if notice.kind == "history" and not self._timer.isActive():
            self._timer.start()

    def _ask(self) -> None:
        if self._engine.alive:
            self._engine.request("questions", Answer, self._learn, self._fail, count=KEPT)

    def _learn(self, answer: Answer) -> None:
        self.changed.emit(answer.questions)

    def _fail(self, _: EngineError) -> None:
        """The list of runs tells what is wrong with the history; what is known of it stays."""

"""What the next question will take, asked of the engine whenever its means change."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.run.runs import Question, fields_of
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.ask import Estimate

DELAY_MS = 300
"""How long the means must stay as they are before the engine is asked."""


class Forecast(QObject):
    """Asks for one estimate at a time; what was wanted meanwhile gives way to the latest.

    Signals:
        known: What the question considered last will take (`Estimate`), or ``None`` as long as nobody can tell.
    """

    known = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._wanted: Question | None = None
        self._asked: Question | None = None
        self._answered: Question | None = None
        self._estimate: Estimate | None = None
        self._timer = once(self, DELAY_MS, self._ask)

    def consider(self, question: Question | None) -> None:
        """This may be asked next; ``None`` if nothing can be."""
        if question == self._wanted:
            return
        before, self._wanted = self._wanted, question
        if question is None or question == self._answered:
            self._timer.stop()
            self.known.emit(self._estimate if question else None)
            return
        self._timer.start()
        if before is None or _means(question) != _means(before):
            self.known.emit(None)  # what was said is of something else

    def renew(self) -> None:
        """There is something new to go by: a run has ended, or the engine has started."""
        self._answered = None
        if self._wanted is not None:
            self._timer.start()

    def _ask(self) -> None:
        if self._asked is not None or self._wanted is None:
            return
        self._asked = self._wanted
        self._engine.request("estimate", Estimate, self._settle, self._fail, **fields_of(self._asked))

    def _fail(self, _: EngineError) -> None:
        self._settle(None)  # why it cannot be asked is told when it is

    def _settle(self, estimate: Estimate | None) -> None:
        self._answered, self._asked, self._estimate = self._asked, None, estimate
        if self._answered == self._wanted:
            self.known.emit(estimate)
        elif not self._timer.isActive():
            self._ask()


def _means(question: Question) -> tuple[object, ...]:
    """What makes one estimate quite another; the words of the question and its limits only change it."""
    return question.paths, question.model, question.sub_model, question.strategy

"""The yes that a question needs where the model's code would run without a sandbox."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.asking.unconfined_question import UnconfinedQuestion
from rlm_desktop.gui.run.runs import Question
from rlm_desktop.gui.wire import CODELESS, EngineStatus


class Consent(QObject):
    """Lets questions pass; one whose code nothing would confine only after a yes, which counts for it alone.

    Signals:
        given: The question may be asked (`Question`).
    """

    given = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.dialog = UnconfinedQuestion(window)
        self._status = EngineStatus()
        self._question: Question | None = None
        self.dialog.agreed.connect(self._agreed)

    def learn(self, status: EngineStatus) -> None:
        """How far the engine can confine code."""
        self._status = status

    def ask(self, question: Question) -> None:
        """Let a question pass, now or after the person's yes."""
        if self._status.sandbox != "none" or question.strategy == CODELESS:
            self.given.emit(question)
        else:
            self._question = question
            self.dialog.put(self._status.sandbox_why)

    def _agreed(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            self.given.emit(msgspec.structs.replace(question, unconfined=True))

"""Questions that wait for the run before them to end."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.runs import Question, Runs
from rlm_desktop.gui.wire import EngineError, Session

_KEPT = "ask/queue"
_UNREAD = "ask/queue_unread"
"""Where a queue that cannot be read is put aside."""


class Queued(msgspec.Struct, frozen=True):
    """A question that waits.

    Attributes:
        number: Tells it from the others.
        held: Whether it waits for the person's word as well: it was there before the window was, the run before it
            was stopped, or it could not be asked.
        reason: Why it could not be asked.
    """

    number: int
    question: Question
    held: bool = False
    reason: str = ""


class Queue(QObject):
    """Lets a question pass when nothing goes on, and keeps it until then otherwise.

    What waits is written down whenever it changes, and does not start by itself in another window. A question leaves
    the queue only when the engine has taken it.

    Signals:
        due: Ask this now (`Question`).
        taken_in: A question waits now (`Question`).
        changed: Others wait, or in another order.
    """

    due = Signal(object)
    taken_in = Signal(object)
    changed = Signal()

    def __init__(self, engine: EngineClient, runs: Runs, choices: Choices) -> None:
        super().__init__()
        self._engine = engine
        self._runs = runs
        self._choices = choices
        self._waiting = [msgspec.structs.replace(one, held=True) for one in _read(choices)]
        self._last = max((one.number for one in self._waiting), default=0)
        self._starting = 0
        runs.accepted.connect(self._accepted)
        runs.declined.connect(self._declined)
        # once everyone has heard that a run is over: what begins in the midst of that would be heard of before
        runs.busy_changed.connect(self._go_on, Qt.ConnectionType.QueuedConnection)
        engine.died.connect(self._engine_died)

    @property
    def waiting(self) -> tuple[Queued, ...]:
        """What waits, in its order; the first may be about to start."""
        return tuple(self._waiting)

    @property
    def held(self) -> bool:
        """Whether any question waits for the person's word."""
        return any(one.held for one in self._waiting)

    def add(self, question: Question) -> None:
        """Ask a question, now or after those that wait."""
        if not self._runs.busy and self._next is None:
            self.due.emit(question)
            return
        self._last += 1
        self._waiting.append(Queued(self._last, question))
        self._keep()
        self.taken_in.emit(question)

    @property
    def goes_on(self) -> bool:
        """Whether a question will start without a word of the person."""
        return self._next is not None

    @property
    def _next(self) -> Queued | None:
        """The question that is about to start, or will be when nothing goes on."""
        return next((one for one in self._waiting if not one.held), None)

    def question(self, number: int) -> Question | None:
        """A question that waits, unless it is about to start."""
        found = self._find(number)
        return found.question if found is not None and number != self._starting else None

    def remove(self, number: int) -> None:
        """Take a question out of the queue, unless it is about to start."""
        if self.question(number) is not None:
            self._waiting = [one for one in self._waiting if one.number != number]
            self._keep()

    def move_up(self, number: int) -> None:
        """Let a question start before the one that is before it now."""
        found = self._find(number)
        place = self._waiting.index(found) if found is not None else 0
        if place and self._waiting[place - 1].number != self._starting:
            self._waiting.insert(place - 1, self._waiting.pop(place))
            self._keep()

    def start(self) -> None:
        """Let those go on that are held."""
        self._waiting = [msgspec.structs.replace(one, held=False, reason="") for one in self._waiting]
        self._keep()
        self._go_on()

    def hold(self) -> None:
        """Start none of them until the person says so."""
        if self._waiting:
            self._waiting = [msgspec.structs.replace(one, held=True) for one in self._waiting]
            self._keep()

    def give_up(self) -> None:
        """The person did not agree to what the question that is about to start needs."""
        self._refuse("")

    # -- one after the other -----------------------------------------------------------------------------

    def _go_on(self, busy: bool = False) -> None:
        if busy or self._runs.busy or self._starting or not self._engine.alive:
            return
        ready = self._next
        if ready is None:
            return
        self._starting = ready.number
        self.changed.emit()
        if ready.question.follows:
            self._find_last_of_session(ready)
        else:
            self.due.emit(ready.question)

    def _find_last_of_session(self, ready: Queued) -> None:
        """What it follows may have been followed by another question meanwhile."""

        def found(session: Session) -> None:
            if self._starting != ready.number:
                return
            if session.runs:
                last = session.runs[-1].run
                self.due.emit(msgspec.structs.replace(ready.question, follows=last))
            else:
                self._refuse(tr("The run that it follows is not in the history any more."))

        def failed(error: EngineError) -> None:
            if self._starting == ready.number:
                self._refuse(str(error))

        self._engine.request("session", Session, found, failed, run=ready.question.follows)

    def _accepted(self) -> None:
        if started := self._find(self._starting):
            self._starting = 0
            self._waiting.remove(started)
            self._keep()

    def _declined(self, error: EngineError) -> None:
        self._refuse(str(error))

    def _refuse(self, reason: str) -> None:
        """Hold the question that was about to start, and go on with the others."""
        if refused := self._find(self._starting):
            place = self._waiting.index(refused)
            self._waiting[place] = msgspec.structs.replace(refused, held=True, reason=reason)
            self._starting = 0
            self._keep()
            self._go_on()

    def _engine_died(self) -> None:
        self._starting = 0
        self.hold()

    def _find(self, number: int) -> Queued | None:
        return next((one for one in self._waiting if one.number == number), None)

    def _keep(self) -> None:
        self._choices.keep(_KEPT, msgspec.json.encode(self._waiting).decode() if self._waiting else None)
        self.changed.emit()


def _read(choices: Choices) -> list[Queued]:
    kept = choices.kept(_KEPT) or "[]"
    try:
        return msgspec.json.decode(kept, type=list[Queued])
    except msgspec.DecodeError:  # written by a version that asks otherwise, or by hand
        choices.keep(_UNREAD, kept)
        return []

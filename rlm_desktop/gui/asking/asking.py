"""From the question that is typed to the run that answers it: draft, templates, estimate, queue, consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from rlm_desktop.gui.asking.consent import Consent
from rlm_desktop.gui.asking.forecast import Forecast
from rlm_desktop.gui.asking.panel import AskPanel
from rlm_desktop.gui.asking.past_questions import PastQuestions
from rlm_desktop.gui.asking.queue import Queue
from rlm_desktop.gui.asking.templates import OwnTemplates
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.run.runs import Question, Runs
from rlm_desktop.gui.timers import once

DRAFT_MS = 500
"""How long after the last key a draft is written down."""
_TEMPLATE_ACTIONS = ("save_template", "make_blank")
_QUEUE_ACTIONS = ("queue_start", "queue_up", "queue_edit", "queue_remove")


class Asking(QObject):
    """Connects the ask panel with what is behind it.

    Args:
        engine: Where questions are asked.
        panel: Where they are typed.
        runs: Those that go on.
        consent: What a question may need before it is asked.
        choices: Where drafts, templates and the queue are kept.
        open_paths: Opens documents to ask about.
    """

    def __init__(
        self,
        engine: EngineClient,
        panel: AskPanel,
        runs: Runs,
        consent: Consent,
        choices: Choices,
        *,
        open_paths: Callable[[Sequence[str]], None],
    ) -> None:
        super().__init__(panel)
        self.queue = Queue(engine, runs, choices)
        self.own = OwnTemplates(choices)
        self._panel, self._runs, self._choices, self._open_paths = panel, runs, choices, open_paths
        self._forecast = Forecast(engine)
        self._past = PastQuestions(engine)
        self._going = ""
        self._draft = once(self, DRAFT_MS, self.save_draft)
        panel.box.recall(choices.draft)
        panel.box.textChanged.connect(self._draft.start)
        panel.asked.connect(self.queue.add)
        panel.considered.connect(self._forecast.consider)
        panel.templates.removed.connect(self.own.remove)
        self.queue.due.connect(self._start)
        self.queue.due.connect(consent.ask)
        self.queue.taken_in.connect(panel.sent)
        self.queue.changed.connect(self._show_queue)
        consent.dialog.rejected.connect(self.queue.give_up)
        consent.given.connect(runs.ask)
        runs.accepted.connect(self._accepted)
        runs.cut_short.connect(lambda: panel.box.recall(self._going))
        runs.busy_changed.connect(lambda busy: None if busy else self._forecast.renew())
        engine.greeted.connect(self._forecast.renew)
        self._forecast.known.connect(panel.show_forecast)
        self._past.changed.connect(panel.box.set_past)
        self._show_queue()

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action about a question does."""
        return {
            "templates": self._panel.templates.showMenu,
            "save_template": lambda: self.own.add(self._panel.box.text),
            "make_blank": self._panel.box.make_blank,
            "queue_start": self.queue.start,
            "queue_up": lambda: self.queue.move_up(self._panel.queue.marked),
            "queue_edit": self._edit,
            "queue_remove": self._remove,
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions, for the menu of templates and the list of what waits."""
        self._panel.templates.offer(lambda: self.own.all, {name: actions[name] for name in _TEMPLATE_ACTIONS})
        self._panel.queue.offer({name: actions[name] for name in _QUEUE_ACTIONS})

    def stop(self) -> None:
        """Stop the run that goes on, and start none of those that wait."""
        self.queue.hold()
        self._runs.stop()

    def save_draft(self) -> None:
        """Write down what is typed."""
        self._draft.stop()
        draft = self._panel.box.draft
        if draft != self._choices.draft:
            self._choices.draft = draft

    def _start(self, question: Question) -> None:
        self._going = question.text

    def _accepted(self, run: str) -> None:
        self._panel.begun()
        self._panel.follow_up.goes_on(run)
        self._panel.sent()

    def _show_queue(self) -> None:
        self._panel.queue.show_waiting(self.queue.waiting)

    def _edit(self) -> None:
        """Take the marked question back into the box, and open what it is about."""
        number = self._panel.queue.marked
        question = self.queue.question(number)
        if question is not None:
            self.put(question)
            self.queue.remove(number)

    def put(self, question: Question) -> None:
        """Put a question into the box with its means, and open what it is about."""
        if question.follows:
            self._panel.follow_up.want(question.follows)
            self._runs.show(question.follows)
        else:
            self._panel.follow_up.drop()
            if not self._panel.covers(question.paths):
                self._open_paths(question.paths)
        self._panel.take_back(question)
        self.save_draft()

    def _remove(self) -> None:
        self.queue.remove(self._panel.queue.marked)

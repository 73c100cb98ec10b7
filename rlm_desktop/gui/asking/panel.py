"""Where a question is typed: of what, with which means, and what it will take."""

from __future__ import annotations

import sys
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rlm_desktop.gui.asking.blanks import blanks
from rlm_desktop.gui.asking.follow_up import FollowUp
from rlm_desktop.gui.asking.forecast_words import exactly, in_words
from rlm_desktop.gui.asking.means import Means
from rlm_desktop.gui.asking.question_box import QuestionBox
from rlm_desktop.gui.asking.queue_list import QueueList
from rlm_desktop.gui.asking.template_button import TemplateButton
from rlm_desktop.gui.asking.templates import Template, kinds_of
from rlm_desktop.gui.library.model import extent
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.run.runs import Question
from rlm_desktop.gui.widgets.footed import Footed
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.wire import Summary
from rlm_desktop.gui.wire.ask import Estimate
from rlm_desktop.gui.wire.documents import Opened

_SUBJECT = 36
"""Characters of the name of what is asked about, two lines of a narrow pane; the tooltip has all of them."""


class AskPanel(Footed):
    """The question and its means, and at its foot what it will take and the button that asks it.

    Signals:
        asked: The person wants this answered (`Question`).
        stopped: The person wants the run to stop.
        considered: This would be asked now (`Question`), or nothing can be (``None``).
    """

    asked = Signal(object)
    stopped = Signal()
    considered = Signal(object)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(tr("The question and its means"))
        self._ground: Opened | None = None
        self._on_show: Summary | None = None
        self._sent = ""
        self._template: Template | None = None
        self._forecast: Estimate | None = None
        self._busy = self._stopping = self._starting = self._opening = False
        self._about = QLabel()
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        self.templates = TemplateButton()
        self.follow_up = FollowUp()
        self.queue = QueueList()
        self.box = QuestionBox()
        self.means = Means(catalogue)
        self.picker, self.strategy = self.means.picker, self.means.strategy
        self.limits, self.fold = self.means.limits, self.means.fold
        self._note = QuietLabel()
        self._hint = QuietLabel()
        self.button = QPushButton()
        self.button.setDefault(True)
        self.button.clicked.connect(self.ask)
        self.stop = QPushButton(tr("Stop"))
        self.stop.setAccessibleName(tr("Stop the run"))
        self.stop.setToolTip(tr("Stop the run (Esc)"))
        self.stop.clicked.connect(self.stopped)
        self._lay_out()
        self.box.textChanged.connect(self._show)
        self.means.changed.connect(self._show)
        self.follow_up.changed.connect(self._show)
        self.templates.chosen.connect(self.use)
        self._show()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(self._about, 1)
        first.addWidget(self.templates, 0, Qt.AlignmentFlag.AlignTop)
        last = QHBoxLayout(self.foot)
        last.setContentsMargins(GRID, GRID, GRID, GRID)
        last.addWidget(self._hint, 1)
        last.addWidget(self.stop)
        last.addWidget(self.button)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(GRID, GRID, GRID, 0)
        layout.setSpacing(GRID)
        layout.addLayout(first)
        layout.addWidget(self.follow_up)
        layout.addWidget(self.queue)
        layout.addWidget(self.box)
        layout.addWidget(self._note)
        layout.addWidget(self.means)
        order = self._order()
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self.refresh_colours()

    def _order(self) -> list[QWidget]:
        follow = self.follow_up
        above = [self.templates, follow.box, follow.add, follow.afresh, self.queue.view]
        return [*above, self.box, *self.means.order, self.stop, self.button]

    # -- what it is about --------------------------------------------------------------------------------

    def set_ground(self, source: Opened | None) -> None:
        """Ask about this source."""
        self._ground = source
        self.templates.set_kinds(kinds_of(source))
        self.show_run(self._on_show)

    def wait(self, opening: str) -> None:
        """Documents are being opened (a short description), or no longer (empty)."""
        self._opening = bool(opening)
        self._show()

    def show_run(self, run: Summary | None) -> None:
        """Offer to go on from this run."""
        self._on_show = run
        self.follow_up.show_run(run, self._ground)

    def paths_of(self, run: Summary | None) -> tuple[str, ...]:
        """What a question that follows this run is about: its documents, and those that came to them since."""
        ground = self._ground
        if run is None or (ground is not None and ground.extends(run.paths)):
            return ground.paths if ground is not None else ()
        return run.paths

    def covers(self, paths: tuple[str, ...]) -> bool:
        """Whether the next question is about these."""
        return self.paths_of(self.follow_up.run) == paths

    # -- asking ------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask what is typed, or let it wait for the run that goes on, if that is possible."""
        if self._obstacle():
            self._show()
            return
        self._sent = self.box.text
        self.asked.emit(self._question())

    def sent(self) -> None:
        """The question was taken."""
        if self._sent:
            self._template = None
            self.box.sent(self._sent)
            self._sent = ""

    def take_back(self, question: Question) -> None:
        """Put a question that waited back into the box, with its means."""
        self._template = None
        self.means.choose(question)
        self.box.replace(question.text)

    def use(self, template: Template) -> None:
        """Begin with a template."""
        self._template = template
        self.box.replace(template.text)

    def start_afresh(self) -> None:
        """Ask something that follows no earlier question."""
        self.follow_up.drop()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_busy(self, busy: bool, stopping: bool = False) -> None:
        """Show that a run goes on, and whether it was told to stop."""
        self._starting = busy and (self._starting or not self._busy)
        self._busy, self._stopping = busy, stopping
        self._show()

    def begun(self) -> None:
        """The documents are open, and the run has begun."""
        self._starting = False
        self._show()

    def show_forecast(self, estimate: Estimate | None) -> None:
        """What the question will take, as far as that is known."""
        self._forecast = estimate
        self._show()

    def _question(self) -> Question:
        earlier = self.follow_up.run
        return Question(
            text=self.box.text,
            paths=self.paths_of(earlier),
            model=self.picker.name,
            sub_model=self.means.sub_model.name,
            strategy=self.strategy.currentData(),
            limits=self.limits.limits(),
            follows=earlier.run if earlier else "",
        )

    def _lack(self) -> str:
        """What is missing for any question; empty if nothing is."""
        if self._ground is None and self.follow_up.run is None:
            return tr("Opening the documents…") if self._opening else tr("Open a file or folder first.")
        if not self.picker.name:
            return tr("Choose a model.") if self.picker.listed else tr("Looking for models…")
        if self.picker.blocked:
            return tr("The network is off.")
        if not self.picker.ready:
            return tr("Download the model first.")
        return ""

    def _obstacle(self) -> str:
        """Why no question can be asked now; empty if one can."""
        if lack := self._lack():
            return lack
        if not self.box.text:
            return tr("Type a question.")
        if self._unfilled:
            return tr("Fill in {blank}, or take it out.").format(blank=self._unfilled)
        return ""

    @property
    def _unfilled(self) -> str:
        """The first blank of the template that is still there; of words in such quotes nobody knows otherwise."""
        of_template = blanks(self._template.text) if self._template else ()
        says = {blank.says for blank in blanks(self.box.toPlainText())}
        return next((f"‹{blank.says}›" for blank in of_template if blank.says in says), "")

    # -- showing it --------------------------------------------------------------------------------------

    def _subject(self, most: int = sys.maxsize) -> str:
        """What the next question is about, its name in so many characters at most."""
        earlier, ground = self.follow_up.run, self._ground
        if earlier is not None and (ground is None or not ground.extends(earlier.paths)):
            return numbers.shortened(numbers.names(earlier.paths), most)
        if ground is None:
            return tr("a document")
        return f"{numbers.shortened(ground.title, most)} ({extent(ground)})"

    def _show(self) -> None:
        about = tr("Ask about {subject}")
        self._about.setText(about.format(subject=self._subject(_SUBJECT)))
        self._about.setToolTip(about.format(subject=self._subject()))
        if self._template and not self.box.text:
            self._template = None
        note = self._template.note if self._template else ""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        lack, obstacle = self._lack(), self._obstacle()
        self._hint.setText(self._foot(lack, obstacle))
        self._hint.setToolTip("" if lack or self._forecast is None else exactly(self._forecast))
        self.button.setText(tr("Queue") if self._busy else tr("Ask"))
        self.button.setAccessibleName(
            tr("Ask the question after this run") if self._busy else tr("Ask the question")
        )
        self.button.setToolTip(
            tr("Ask it when this run has ended (Ctrl+Enter)") if self._busy else tr("Ask it (Ctrl+Enter)")
        )
        self.button.setEnabled(not obstacle)
        self.stop.setVisible(self._busy)
        self.stop.setEnabled(not self._stopping)
        self.considered.emit(None if lack else self._question())

    def _foot(self, lack: str, obstacle: str) -> str:
        """What hinders, or what it will take."""
        if self._stopping:
            return tr("Stopping…")
        if self._starting:
            return tr("Opening the documents…")
        if lack or (obstacle and self.box.text):
            return obstacle
        if self._forecast is not None:
            return in_words(self._forecast)
        return tr("Esc stops.") if self._busy else obstacle or tr("Ctrl+Enter asks.")

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        self.templates.paint_icon()
        self.means.paint_icons()
        self.queue.paint_icons()

"""Where a question is typed: of what, with which model, and within which limits."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui import format as numbers
from rlm_desktop.gui.catalogue import Catalogue
from rlm_desktop.gui.icons import icon
from rlm_desktop.gui.models.library_model import extent
from rlm_desktop.gui.runs import Question
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.views.follow_up import FollowUp
from rlm_desktop.gui.views.limits_form import LimitsForm
from rlm_desktop.gui.views.model_picker import ModelPicker
from rlm_desktop.gui.views.question_box import QuestionBox
from rlm_desktop.gui.views.quiet_label import QuietLabel
from rlm_desktop.gui.wire import Opened, Summary

STRATEGIES = (
    ("auto", "Choose the way that suits the document and the model"),
    ("rlm", "The model explores the document by writing code"),
    ("direct", "The model reads the document itself, cut to what it can hold"),
    ("guided", "Tested steps find passages; the model only reads them. For small models"),
)


class AskPanel(QWidget):
    """The question and its means.

    Signals:
        asked: The person wants this answered (`Question`).
        stopped: The person wants the run to stop.
    """

    asked = Signal(object)
    stopped = Signal()

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._ground: Opened | None = None
        self._on_show: Summary | None = None
        self._sent = ""
        self._busy = self._stopping = False
        self._about = QLabel()
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        self.follow_up = FollowUp()
        self.box = QuestionBox()
        self.picker = ModelPicker(catalogue)
        self.strategy = QComboBox()
        self.strategy.setAccessibleName("Way to the answer")
        for name, tip in STRATEGIES:
            self.strategy.addItem(name, name)
            self.strategy.setItemData(self.strategy.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.limits = LimitsForm()
        self.limits.hide()
        self.fold = QToolButton()
        self.fold.setCheckable(True)
        self.fold.setText("Limits")
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setAccessibleName("Show the limits of a run")
        self.fold.toggled.connect(self.limits.setVisible)
        self._hint = QuietLabel()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.button = QPushButton("Ask")
        self.button.setDefault(True)
        self.button.clicked.connect(self._press)
        self._lay_out()
        self.box.textChanged.connect(self._show)
        self.picker.changed.connect(self._show)
        self.follow_up.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        means = QGridLayout()
        means.setHorizontalSpacing(GRID)
        means.setVerticalSpacing(GRID // 2)
        for row, (text, buddy) in enumerate((("Model", self.picker.combo), ("Way", self.strategy))):
            label = QLabel(text)
            label.setBuddy(buddy)
            label.setFixedHeight(buddy.sizeHint().height())
            means.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        means.addWidget(self.picker, 0, 1, 1, 2)
        means.addWidget(self.strategy, 1, 1)
        means.addWidget(self.fold, 1, 2)
        means.setColumnStretch(1, 1)
        last = QHBoxLayout()
        last.addWidget(self._hint, 1)
        last.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._about)
        layout.addWidget(self.follow_up)
        layout.addWidget(self.box)
        layout.addLayout(means)
        layout.addWidget(self.limits)
        layout.addLayout(last)
        for before, after in zip(self._order(), self._order()[1:], strict=False):
            QWidget.setTabOrder(before, after)
        self._paint_icons()

    def _order(self) -> list[QWidget]:
        form = self.limits
        fields = (form.turns, form.subcalls, form.tokens, form.seconds, form.levels, form.cost)
        picker = self.picker
        row = (picker.fetch, picker.switch_on, picker.abort)
        means = (picker.combo, picker.other, *row, self.strategy, self.fold)
        follow = self.follow_up
        return [follow.box, follow.add, follow.afresh, self.box, *means, *fields, self.button]

    def set_ground(self, source: Opened | None) -> None:
        """Ask about this source."""
        self._ground = source
        self.show_run(self._on_show)

    def show_run(self, run: Summary | None) -> None:
        """Offer to go on from this run."""
        self._on_show = run
        self.follow_up.show_run(run, self._ground)

    def sent(self) -> None:
        """The engine has taken the question."""
        self.box.sent(self._sent)

    def start_afresh(self) -> None:
        """Ask something that follows no earlier question."""
        self.follow_up.drop()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_busy(self, busy: bool, stopping: bool = False) -> None:
        """Show that a run goes on, and whether it was told to stop."""
        self._busy, self._stopping = busy, stopping
        self._show()

    def ask(self) -> None:
        """Ask what is typed, if that is possible."""
        if self._obstacle():
            self._show()
            return
        earlier = self.follow_up.run
        if self._busy:
            return
        self._sent = self.box.text
        self.asked.emit(
            Question(
                text=self._sent,
                paths=self.paths_of(earlier),
                model=self.picker.name,
                strategy=self.strategy.currentData(),
                limits=self.limits.limits(),
                follows=earlier.run if earlier else "",
            )
        )

    def paths_of(self, run: Summary | None) -> tuple[str, ...]:
        """What a question that follows this run is about: its documents, and those that came to them since."""
        ground = self._ground
        if run is None or (ground is not None and ground.extends(run.paths)):
            return ground.paths if ground is not None else ()
        return run.paths

    def _press(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self.ask()

    def _obstacle(self) -> str:
        """Why no question can be asked now; empty if one can."""
        if self._ground is None and self.follow_up.run is None:
            return "Open a file or folder first."
        if not self.picker.name:
            return "Choose a model."
        if self.picker.blocked:
            return "The network is off."
        if not self.picker.ready:
            return "Download the model first."
        if not self.box.text:
            return "Type a question."
        return ""

    def _subject(self) -> str:
        """What the next question is about."""
        earlier, ground = self.follow_up.run, self._ground
        if earlier is not None and (ground is None or not ground.extends(earlier.paths)):
            return numbers.names(earlier.paths)
        return f"{ground.title} ({extent(ground)})" if ground is not None else "a document"

    def _show(self) -> None:
        self._about.setText(f"Ask about {self._subject()}")
        self.limits.show_cost(self.picker.remote)
        obstacle = self._obstacle()
        if self._busy:
            self._hint.setText("Stopping…" if self._stopping else "Esc stops.")
        else:
            self._hint.setText(obstacle or "Ctrl+Enter asks.")
        self.button.setText("Stop" if self._busy else "Ask")
        self.button.setAccessibleName("Stop the run" if self._busy else "Ask the question")
        self.button.setEnabled(not self._stopping if self._busy else not obstacle)

    def _paint_icons(self) -> None:
        self.fold.setIcon(icon("limits", self.palette().buttonText().color().name()))

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        self._paint_icons()

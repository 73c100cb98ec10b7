"""One model: what is known of it, what it is doing, what can be done with it, and what can be set."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.facts import facts
from rlm_desktop.gui.models.settings_form import ModelSettingsForm
from rlm_desktop.gui.models.state import Deed, Standing, button, deeds, look, progress
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.wire.models import Adjustable

_DEEDS: tuple[Deed, ...] = (
    "use",
    "network",
    "download",
    "pause",
    "cancel",
    "stop",
    "load",
    "unload",
    "check",
    "remove",
)


class ModelPage(QScrollArea):
    """Shows one model and follows it.

    Signals:
        wanted: The person wants something done with the model (a `Deed`).
    """

    wanted = Signal(str)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self.title = _text()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.note = QuietLabel()
        self.state_icon, self.state = QLabel(), _text()
        self.state.setAccessibleName(tr("State of the model"))
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("Progress"))
        self.progress.setTextVisible(False)
        self.how_far = QuietLabel()
        self.trouble = Banner()
        self.question = Banner(look=None)
        self.settings = ModelSettingsForm()
        self.buttons = {deed: self._button(deed) for deed in _DEEDS}
        self.inside = QWidget()
        self._facts = QFormLayout()
        self._told: tuple[tuple[str, str], ...] = ()
        self._now: Standing | None = None
        self._lay_out()
        self.setAccessibleName(tr("The marked model"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _button(self, deed: Deed) -> QPushButton:
        made = QPushButton()
        made.setAccessibleName(deed)  # until there is a model to name with it
        made.setAutoDefault(False)
        made.clicked.connect(lambda: self._do(deed))
        return made

    def _lay_out(self) -> None:
        state = QHBoxLayout()
        state.setSpacing(GRID)
        state.addWidget(self.state_icon)
        state.addWidget(self.state, 1)
        acts = QHBoxLayout()
        acts.setSpacing(GRID)
        for made in self.buttons.values():
            acts.addWidget(made)
        acts.addStretch(1)
        self._facts.setSpacing(GRID // 2)
        self._facts.setHorizontalSpacing(2 * GRID)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        layout = QVBoxLayout(self.inside)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout.setSpacing(GRID)
        for widget in (self.title, self.note):
            layout.addWidget(widget)
        layout.addLayout(state)
        for below in (self.progress, self.how_far, self.trouble):
            layout.addWidget(below)
        layout.addLayout(acts)
        layout.addWidget(self.question)
        layout.addSpacing(GRID)
        layout.addLayout(self._facts)
        layout.addSpacing(GRID)
        layout.addWidget(self.settings)
        layout.addStretch(1)
        self.setWidget(self.inside)

    # -- what is on show ---------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The model on show; empty for none."""
        return self._now.entry.name if self._now is not None else ""

    @property
    def ready(self) -> bool:
        """Whether the model on show can be used."""
        return self._now is not None and self._now.entry.state == "ready"

    def show_model(self, now: Standing | None) -> None:
        """Show a model, or how the one on show stands now."""
        if now is None or now.entry.name != self.name:
            self.question.hide()
            self.settings.hide()
            self.verticalScrollBar().setValue(0)
        self._now = now
        if not self.ready:
            self.settings.hide()  # there will be time for them when it is here
        self.inside.setVisible(now is not None)
        if now is None:
            return
        self.title.setText(now.entry.title or now.entry.name)
        self.note.setText(now.entry.note)
        self.note.setVisible(bool(now.entry.note))
        self._show_state(now)
        self._show_work(now)
        self._show_trouble(now)
        self._show_buttons(now)
        self._show_facts(now)

    def _show_state(self, now: Standing) -> None:
        seen = look(now)
        self.state.setText(seen.word)
        size = max(2 * GRID, self.fontMetrics().ascent())
        self.state_icon.setPixmap(seen.icon(self.palette()).pixmap(size))

    def show_settings(self, can: Adjustable) -> None:
        """Show what can be set of the model on show."""
        self.settings.show_settings(can)
        self.settings.setVisible(self.ready)

    def _show_work(self, now: Standing) -> None:
        work = now.download or now.check
        loading = now.memory is not None and now.memory.state == "loading"
        waits = work is not None and work.state == "queued"
        self.progress.setVisible(loading or (work is not None and not waits))
        self.how_far.setVisible(work is not None or loading)
        if work is not None:
            self.how_far.setText(progress(self._catalogue, work))
            self._fill(work.received / work.total if work.total else None)
        elif loading and now.memory is not None:
            self.how_far.setText(now.memory.text or tr("Loading {name}…").format(name=now.entry.name))
            self._fill(now.memory.rate)

    def _fill(self, share: float | None) -> None:
        """Fill the bar to a share; one that runs to and fro says that nobody knows."""
        self.progress.setRange(0, 1000 if share else 0)
        self.progress.setValue(round(1000 * min(share, 1)) if share else 0)

    def _show_trouble(self, now: Standing) -> None:
        error = self._catalogue.trouble_of(now.entry.name)
        if error is not None:
            again = "download" in deeds(now) and now.entry.state == "damaged"
            text = error.message if again else str(error)
            if not self.trouble.isVisibleTo(self.inside) or self.trouble.text.text() != text:
                then = (lambda: self._do("download")) if again else None
                self.trouble.say(text, tr("Download again") if again else "", then)
        elif now.gone:
            self.trouble.say(
                tr("{path} is not there. Put it back, or take the model off the list.").format(
                    path=now.entry.path
                )
            )
        elif now.entry.state == "damaged" and now.download is None:
            self.trouble.say(tr("Its file is not what it should be, so it is not used."))
        else:
            self.trouble.hide()

    def _show_buttons(self, now: Standing) -> None:
        offered = deeds(now)
        for deed in offered:
            made = self.buttons[deed]
            made.setText(button(deed, now))
            made.setAccessibleName(f"{made.text()} {now.entry.title or now.entry.name}")
            made.show()
        spent = [made for deed, made in self.buttons.items() if deed not in offered]
        if offered and any(made.hasFocus() for made in spent):  # the keys stay with what can be done next
            self.buttons[offered[0]].setFocus()
        for made in spent:
            made.hide()

    def _show_facts(self, now: Standing) -> None:
        told = facts(now)
        if [name for name, _ in told] != [name for name, _ in self._told]:
            while self._facts.rowCount():
                self._facts.removeRow(0)
            for name, fact in told:
                label = QuietLabel(name)
                label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
                self._facts.addRow(label, _text(fact))
        else:
            for row, (_, fact) in enumerate(told):
                item = self._facts.itemAt(row, QFormLayout.ItemRole.FieldRole)
                field = item.widget() if item is not None else None
                if isinstance(field, QLabel) and field.text() != fact:
                    field.setText(fact)
        self._told = told

    # -- what a person does ------------------------------------------------------------------------------

    def _do(self, deed: Deed) -> None:
        if deed == "remove" and self._now is not None and self._now.here and not self._now.entry.own:
            self._ask(self._now)
            return
        self.question.hide()
        self.wanted.emit(deed)

    def _ask(self, now: Standing) -> None:
        """Deleting a gigabyte cannot be undone, so it takes a second click."""
        partial = now.entry.state == "partial"
        size = numbers.size(now.entry.fetched if partial else now.entry.size)
        text = tr("Delete what has been downloaded ({size})?") if partial else tr("Delete the file ({size})?")
        more = tr("It can be downloaded again.")
        self.question.say(
            f"{text.format(size=size)} {more}", tr("Delete"), lambda: self.wanted.emit("remove")
        )
        self.question.action.setFocus()
        self.ensureWidgetVisible(self.question)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._now is not None:
            self._show_state(self._now)


def _text(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label

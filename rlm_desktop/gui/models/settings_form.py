"""What can be set of a model, in a form that says when it takes effect."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.wire.models import Adjustable, ModelSettings

AUTO = -1
Field = TypeVar("Field", bound=QWidget)
_SHORTEST_WINDOW = 1024
_LONGEST_WINDOW = 2**20
_MOST_THREADS = 1024


class ModelSettingsForm(QWidget):
    """The settings of one model; those it does not have are not shown.

    Signals:
        saved: The person wants it so (`ModelSettings`).
    """

    saved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._can: Adjustable | None = None
        self._shown: dict[QDoubleSpinBox, float] = {}
        self.window_size = _whole(_SHORTEST_WINDOW, _LONGEST_WINDOW, tr("Context window"))
        self.window_size.setSingleStep(1024)
        self.window_size.setSuffix(tr(" tokens"))
        self.layers = _whole(AUTO, AUTO, tr("Layers on the graphics card"))
        self.layers.setSpecialValueText(tr("as many as fit"))
        self.threads = _whole(0, _MOST_THREADS, tr("Threads"))
        self.threads.setSpecialValueText(tr("one on each core"))
        self.cache = _choice(
            tr("KV cache"),
            (("f16", tr("16 bits (f16)")), ("q8_0", tr("8 bits (q8_0), half the memory"))),
        )
        self.thinking = QCheckBox(tr("May think before it replies, if it can"))
        self.thinking.setAccessibleName(tr("Thinking"))
        self.temperature = _fraction(2, tr("Temperature"))
        self.temperature.setSpecialValueText(tr("0: always the likeliest word"))
        self.top_p = _fraction(1, tr("Top-p"))
        self.strategy = _choice(
            tr("Way to the answer"),
            (("guided", tr("guided: it only reads")), ("rlm", tr("rlm: it writes programs"))),
        )
        self.dialect = _choice(
            tr("Dialect"),
            (("rlm-v1", tr("rlm-v1: any model")), ("rlm-v0", tr("rlm-v0: trained as an RLM"))),
        )
        self.save = QPushButton(tr("Save"))
        self.save.setAccessibleName(tr("Save the settings of the model"))
        self.restore = QPushButton(tr("Back to default"))
        self.restore.setAccessibleName(tr("Set the model back to its default"))
        self.remark = QuietLabel()
        self.save.clicked.connect(self._save)
        self.restore.clicked.connect(lambda: self.saved.emit(ModelSettings()))
        self._heading = QLabel(f"<b>{tr('Settings')}</b>")
        self._form = QFormLayout()
        self._form.setSpacing(GRID)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._lay_out()
        self._watch()

    def _lay_out(self) -> None:
        rows = (
            (tr("Context window"), self.window_size),
            (tr("Layers on the graphics card"), self.layers),
            (tr("Threads"), self.threads),
            (tr("KV cache"), self.cache),
            (tr("Thinking"), self.thinking),
            (tr("Temperature"), self.temperature),
            (tr("Top-p"), self.top_p),
            (tr("Way if the document is larger"), self.strategy),
            (tr("Dialect"), self.dialect),
        )
        for name, field in rows:
            self._form.addRow(name, field)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.save)
        buttons.addWidget(self.restore)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._heading)
        layout.addLayout(self._form)
        layout.addWidget(self.remark)
        layout.addLayout(buttons)

    def _watch(self) -> None:
        whole = (self.window_size, self.layers, self.threads)
        fractions = (self.temperature, self.top_p)
        choices = (self.cache, self.strategy, self.dialect)
        for spin in whole:
            spin.valueChanged.connect(self._show)
        for fraction in fractions:
            fraction.valueChanged.connect(self._show)
        for choice in choices:
            choice.currentIndexChanged.connect(self._show)
        self.thinking.toggled.connect(self._show)
        for field in (*whole, *fractions, *choices):
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(self)

    def show_settings(self, can: Adjustable) -> None:
        """Show how a model is set, and what of it can be set."""
        self._can = None  # while the fields change, nobody wants anything
        now = can.now
        self.window_size.setMaximum(can.longest_window or _LONGEST_WINDOW)
        self.window_size.setValue(now.context_window or _SHORTEST_WINDOW)
        self.layers.setMaximum(max(can.layers, now.gpu_layers or 0))
        self.layers.setValue(AUTO if now.gpu_layers is None else now.gpu_layers)
        self.threads.setMaximum(can.threads or _MOST_THREADS)
        self.threads.setValue(max(0, now.threads or 0))
        self.thinking.setChecked(bool(now.thinking))
        self.temperature.setValue(now.temperature or 0.0)
        self.top_p.setValue(1.0 if now.top_p is None else now.top_p)
        self._shown = {field: field.value() for field in (self.temperature, self.top_p)}
        chosen = ((self.cache, now.cache_type), (self.strategy, now.strategy), (self.dialect, now.dialect))
        for box, value in chosen:
            box.setCurrentIndex(max(0, box.findData(value)))
        known = (
            (self.window_size, now.context_window is not None),
            (self.layers, now.gpu_layers is not None and can.layers > 0),
            (self.threads, now.threads is not None),
            (self.cache, now.cache_type is not None),
            (self.thinking, now.thinking is not None),
        )
        for field, there in known:
            self._form.setRowVisible(field, there)
        self._can = can
        self._show()

    def wanted(self) -> ModelSettings:
        """What the fields say; nothing of what the model does not have."""
        now = self._can.now if self._can is not None else ModelSettings()
        said: dict[str, int | float | str | bool] = {
            "context_window": self.window_size.value(),
            "gpu_layers": self.layers.value(),
            "threads": self.threads.value() or AUTO,
            "cache_type": self.cache.currentData(),
            "thinking": self.thinking.isChecked(),
            "temperature": self._fraction(self.temperature, now.temperature),
            "top_p": self._fraction(self.top_p, now.top_p),
            "strategy": self.strategy.currentData(),
            "dialect": self.dialect.currentData(),
        }
        return _build({name: value for name, value in said.items() if getattr(now, name) is not None})

    def _fraction(self, field: QDoubleSpinBox, now: float | None) -> float:
        """What a field says; as it is set now, if nobody changed it, since the field shows two digits of that."""
        value = field.value()
        return now if now is not None and value == self._shown.get(field) else round(value, 2)

    def say(self, text: str) -> None:
        """Say what became of what was wanted."""
        self.remark.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel that scrolls the page turns no number on its way."""
        over = event.type() is QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus()
        if over:
            event.ignore()
        return over or super().eventFilter(watched, event)

    def _save(self) -> None:
        self.saved.emit(self.wanted())

    def _show(self) -> None:
        if self._can is None:
            return
        wanted, now = self.wanted(), self._can.now
        self.save.setEnabled(wanted != now)
        self.restore.setEnabled(now != self._can.default)
        slow = ("context_window", "gpu_layers", "threads", "cache_type")
        if any(getattr(wanted, name) != getattr(now, name) for name in slow):
            self.say(tr("Takes effect when the model is loaded next."))
        elif wanted != now:
            self.say(tr("Takes effect with the next question."))
        else:
            self.say(
                tr("This is the default.")
                if now == self._can.default
                else tr("You set this model otherwise.")
            )


def _build(fields: dict[str, int | float | str | bool]) -> ModelSettings:
    return msgspec.convert(fields, ModelSettings)


def _whole(least: int, most: int, name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setGroupSeparatorShown(True)
    return _named(box, name)


def _fraction(most: float, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0 if most > 1 else 0.05, most)
    box.setSingleStep(0.05)
    return _named(box, name)


def _choice(name: str, choices: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    for value, text in choices:
        box.addItem(text, value)
    return _named(box, name)


def _named(field: Field, name: str) -> Field:
    field.setAccessibleName(name)
    return field

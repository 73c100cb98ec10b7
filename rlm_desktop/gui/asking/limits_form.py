"""What a run may spend, as a small form that is folded away until it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QGridLayout, QLabel, QSpinBox, QWidget

from rlm_desktop.events import Limits
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr


class LimitsForm(QWidget):
    """Turns, sub-calls, tokens, seconds, money and depth. The lowest value of a field means no limit.

    Two fields stand side by side where there is room for them.

    Signals:
        changed: A limit is another.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turns = _field(tr("Most turns"), 500)
        self.subcalls = _field(tr("Most sub-calls"), 100_000)
        self.tokens = _field(tr("Most tokens"), 1_000_000_000, step=10_000)
        self.seconds = _field(tr("Most seconds"), 86_400, step=30)
        self.cost = QDoubleSpinBox()
        self.cost.setDecimals(3)
        self.cost.setRange(0, 10_000)
        self.cost.setSingleStep(0.1)
        self.cost.setPrefix("$")
        _name(self.cost, tr("Most money, in US dollars"))
        self.levels = QSpinBox()
        self.levels.setRange(0, 8)
        self.levels.setAccessibleName(tr("Depth of child runs"))
        self.levels.setToolTip(tr("How deep runs may start runs of their own; 0: not at all"))
        self._form = QGridLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(GRID)
        self._form.setVerticalSpacing(GRID // 2)
        self._labels: dict[QAbstractSpinBox, QLabel] = {}
        self._columns = 0
        for text, field in (
            (tr("Turns"), self.turns),
            (tr("Sub-calls"), self.subcalls),
            (tr("Tokens"), self.tokens),
            (tr("Seconds"), self.seconds),
            (tr("Depth"), self.levels),
            (tr("Cost"), self.cost),
        ):
            label = self._labels[field] = QLabel(text)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setBuddy(field)
            field.textChanged.connect(self.changed)
        self._arrange(2)
        self.set_limits(Limits())
        self.show_cost(False)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, (field, label) in enumerate(self._labels.items()):
            row, column = divmod(place, columns)
            self._form.addWidget(label, row, 2 * column)
            self._form.addWidget(field, row, 2 * column + 1)
        self._form.setColumnStretch(1, 1)
        self._form.setColumnStretch(3, columns - 1)

    @property
    def _narrowest(self) -> int:
        """Pixels of a column of fields."""
        return (
            max(label.sizeHint().width() for label in self._labels.values())
            + max(field.minimumSizeHint().width() for field in self._labels)
            + GRID
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(self._narrowest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= 2 * self._narrowest + GRID else 1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._arrange(2 if self.width() >= 2 * self._narrowest + GRID else 1)

    def show_cost(self, paid: bool) -> None:
        """Ask for a limit in money, or not: a local model costs nothing."""
        for widget in (self._labels[self.cost], self.cost):
            widget.setVisible(paid)

    def set_limits(self, limits: Limits) -> None:
        """Show these limits."""
        self.turns.setValue(limits.turns or 0)
        self.subcalls.setValue(0 if limits.subcalls is None else limits.subcalls)
        self.tokens.setValue(limits.tokens or 0)
        self.seconds.setValue(round(limits.seconds or 0))
        self.cost.setValue(limits.cost_usd or 0)
        self.levels.setValue(limits.depth)

    def limits(self) -> Limits:
        """The limits as they are set."""
        return Limits(
            turns=self.turns.value() or None,
            subcalls=self.subcalls.value() or None,
            tokens=self.tokens.value() or None,
            seconds=float(self.seconds.value()) or None,
            cost_usd=self.cost.value() or None,
            depth=self.levels.value(),
        )


def _field(name: str, most: int, step: int = 1) -> QSpinBox:
    field = QSpinBox()
    field.setRange(0, most)
    field.setSingleStep(step)
    _name(field, name)
    return field


def _name(field: QAbstractSpinBox, name: str) -> None:
    field.setGroupSeparatorShown(True)
    field.setSpecialValueText(tr("no limit"))
    field.setAccessibleName(name)

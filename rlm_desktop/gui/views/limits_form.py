"""What a run may spend, as a small form that is folded away until it is wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QSpinBox, QWidget

from rlm_desktop.events import Limits
from rlm_desktop.gui.theme import GRID

_NONE = "no limit"


class LimitsForm(QWidget):
    """Turns, sub-calls, tokens, seconds and depth. The lowest value of a field means no limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turns = _field("Most turns", 500)
        self.subcalls = _field("Most sub-calls", 100_000)
        self.tokens = _field("Most tokens", 1_000_000_000, step=10_000)
        self.seconds = _field("Most seconds", 86_400, step=30)
        self.levels = QSpinBox()
        self.levels.setRange(0, 8)
        self.levels.setAccessibleName("Depth of child runs")
        self.levels.setToolTip("How deep runs may start runs of their own; 0: not at all")
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(GRID // 2)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            ("Turns", self.turns),
            ("Sub-calls", self.subcalls),
            ("Tokens", self.tokens),
            ("Seconds", self.seconds),
            ("Depth", self.levels),
        ):
            label = QLabel(text)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setBuddy(field)
            form.addRow(label, field)
        self.set_limits(Limits())

    def set_limits(self, limits: Limits) -> None:
        """Show these limits."""
        self.turns.setValue(limits.turns or 0)
        self.subcalls.setValue(0 if limits.subcalls is None else limits.subcalls)
        self.tokens.setValue(limits.tokens or 0)
        self.seconds.setValue(round(limits.seconds or 0))
        self.levels.setValue(limits.depth)

    def limits(self) -> Limits:
        """The limits as they are set."""
        return Limits(
            turns=self.turns.value() or None,
            subcalls=self.subcalls.value() or None,
            tokens=self.tokens.value() or None,
            seconds=float(self.seconds.value()) or None,
            depth=self.levels.value(),
        )


def _field(name: str, most: int, step: int = 1) -> QSpinBox:
    field = QSpinBox()
    field.setRange(0, most)
    field.setSingleStep(step)
    field.setGroupSeparatorShown(True)
    field.setSpecialValueText(_NONE)
    field.setAccessibleName(name)
    return field

"""With what a question is answered: the way, the models, the limits. One line, and more behind it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from rlm_desktop.events import Limits
from rlm_desktop.gui.asking.forecast_words import dollars
from rlm_desktop.gui.asking.limits_form import LimitsForm
from rlm_desktop.gui.asking.sub_model import SubModel
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.picker import ModelPicker
from rlm_desktop.gui.run.runs import Question
from rlm_desktop.gui.widgets.quiet_label import QuietLabel

STRATEGIES = (
    ("auto", later("Choose the way that suits the document and the model")),
    ("rlm", later("The model explores the document by writing code")),
    ("direct", later("The model reads the document itself, cut to what it can hold")),
    ("guided", later("Tested steps find passages; the model only reads them. For small models")),
)
_FEWEST = 8
"""Characters of a model's name that are shown at least."""


class Means(QWidget):
    """The way and the model in one line; the model of sub-calls and the limits are folded away until they are wanted.

    Signals:
        changed: Anything of it is another.
    """

    changed = Signal()

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.picker = ModelPicker(catalogue)
        self.strategy = QComboBox()
        self.strategy.setAccessibleName(tr("Way to the answer"))
        for name, tip in STRATEGIES:
            self.strategy.addItem(name, name)
            self.strategy.setItemData(self.strategy.count() - 1, tr(tip), Qt.ItemDataRole.ToolTipRole)
        self.sub_model = SubModel(catalogue)
        self.limits = LimitsForm()
        self.fold = QToolButton()
        self.fold.setCheckable(True)
        self.fold.setAutoRaise(True)
        self.fold.setAccessibleName(tr("Show the limits of a run"))
        self.fold.setToolTip(tr("Model of sub-calls, depth and limits"))
        self._more = QWidget()
        self._set = QuietLabel()
        self._lay_out()
        self.fold.toggled.connect(self._show)
        for signal in (
            self.picker.changed,
            self.strategy.currentIndexChanged,
            self.sub_model.currentIndexChanged,
            self.limits.changed,
        ):
            signal.connect(self._change)
        self._show()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(GRID // 2)
        line.addWidget(self.strategy)
        line.addWidget(self.picker.combo, 1)
        line.addWidget(self.fold)
        self.picker.combo.setMinimumContentsLength(_FEWEST)
        more = QVBoxLayout(self._more)
        more.setContentsMargins(0, 0, 0, 0)
        more.setSpacing(GRID // 2)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Sub-calls by"), self.sub_model)
        more.addLayout(form)
        more.addWidget(self.limits)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(line)
        layout.addWidget(self.picker)
        layout.addWidget(self._set)
        layout.addWidget(self._more)

    @property
    def order(self) -> list[QWidget]:
        """The fields in the order of the Tab key."""
        picker, form = self.picker, self.limits
        row = (picker.other, picker.fetch, picker.switch_on, picker.abort)
        limits = (form.turns, form.subcalls, form.tokens, form.seconds, form.levels, form.cost)
        return [self.strategy, picker.combo, self.fold, *row, self.sub_model, *limits]

    def choose(self, question: Question) -> None:
        """Show the means of a question."""
        self.picker.choose(question.model)
        self.strategy.setCurrentIndex(max(0, self.strategy.findData(question.strategy)))
        self.sub_model.choose(question.sub_model)
        self.limits.set_limits(question.limits)

    def _change(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.limits.show_cost(self.picker.remote)
        unfolded = self.fold.isChecked()
        self._more.setVisible(unfolded)
        said = _in_words(self.sub_model.name, self.limits.limits())
        self._set.setText(said)
        self._set.setVisible(bool(said) and not unfolded)
        # a model that needs no remark leaves no gap
        rest = self.picker.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        self.picker.setVisible(not all(widget.isHidden() for widget in rest))

    def paint_icons(self) -> None:
        """Follow another colour scheme."""
        size = self.fontMetrics().height()
        self.fold.setIconSize(QSize(size, size))
        self.fold.setIcon(icon("limits", self.palette().buttonText().color().name()))


def _in_words(sub_model: str, limits: Limits) -> str:
    """What is set otherwise than at first."""
    usual = Limits()
    said = (
        tr("sub-calls by {model}").format(model=numbers.model(sub_model)) if sub_model else "",
        _limit(limits.turns, usual.turns, tr("turns")),
        _limit(limits.subcalls, usual.subcalls, tr("sub-calls")),
        _limit(limits.tokens, usual.tokens, tr("tokens")),
        tr("at most {time}").format(time=numbers.seconds(limits.seconds)) if limits.seconds else "",
        tr("depth {depth}").format(depth=limits.depth) if limits.depth != usual.depth else "",
        tr("at most {cost}").format(cost=dollars(limits.cost_usd)) if limits.cost_usd else "",
    )
    return " · ".join(filter(None, said))


def _limit(value: int | None, usual: int | None, unit: str) -> str:
    if value == usual:
        return ""
    if value is None:
        return tr("any number of {unit}").format(unit=unit)
    return tr("at most {number} {unit}").format(number=f"{value:,}", unit=unit)

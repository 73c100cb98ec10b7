"""What was read of the documents of a run, and which of them no model ever looked at."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.coverage_model import CoverageModel
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.widgets.plain_table import PlainTable
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.search_box import SearchBox
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import Coverage

_FULL = 1000
_TRACE = 0.0005
"""A share that is called less than something anyway, and not about something as well."""
_MEANING = later(
    "This is what models were shown. Searches go through every document; what they found and no model was shown "
    "does not count."
)
_PARTS = (
    ("none", later("Never looked at ({:,})")),
    ("part", later("Read in part ({:,})")),
    ("whole", later("Read whole ({:,})")),
)


def coverage_words(coverage: Coverage) -> str:
    """``Read 0.4 % · not read 99.6 %``."""
    read, rest = numbers.percent(coverage.share), numbers.percent(1 - coverage.share)
    sure = coverage.exact or coverage.share < _TRACE
    words = tr("Read {read} · not read {rest}") if sure else tr("Read about {read} · not read {rest}")
    return words.format(read=read, rest=rest)


class CoverageDialog(QDialog):
    """Lists documents; beside the window, so that one can go on in it.

    Signals:
        opened: A document is to be shown (its path).
    """

    opened = Signal(str)

    def __init__(self, engine: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What was not read"))
        self._run = ""
        self._model = CoverageModel(engine, self)
        self._model.learned.connect(self._learn)
        self._model.refused.connect(self._say)
        self.bar = QProgressBar()
        self.bar.setRange(0, _FULL)
        self.bar.setAccessibleName(tr("Part of the documents that was read"))
        self._note = QuietLabel(tr(_MEANING))
        self.part = QComboBox()
        self.part.setAccessibleName(tr("Which documents"))
        for part, words in _PARTS:
            self.part.addItem(tr(words).format(0), part)
        self.part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.part.currentIndexChanged.connect(self._list)
        self.names = SearchBox(tr("Filter by name"))
        self.table = PlainTable(self._model, tr("Documents"))
        self.names.searched.connect(self._list)
        self.names.left.connect(self.table.setFocus)
        self.table.activated.connect(self._open)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAccessibleName(tr("Close"))
        which = QHBoxLayout()
        which.setSpacing(GRID)
        which.addWidget(self.part)
        which.addWidget(self.names, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        for widget in (self.bar, self._note):
            layout.addWidget(widget)
        layout.addLayout(which)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(80 * letter, 32 * self.fontMetrics().height())

    def show_run(self, run: str) -> None:
        """Show what was not read in this run."""
        self._run = ""
        self.names.clear()
        self.part.setCurrentIndex(0)
        self._run = run
        self._list()
        self.show()
        self.raise_()
        self.activateWindow()
        self.table.setFocus()

    def _list(self) -> None:
        if self._run:
            self._model.show_documents(self._run, self.part.currentData(), self.names.text().strip())

    def _learn(self, coverage: Coverage) -> None:
        self._note.setText(tr(_MEANING))
        self.bar.setValue(round(_FULL * coverage.share))
        self.bar.setFormat(coverage_words(coverage))
        for number, (part, words) in enumerate(_PARTS):
            self.part.setItemText(number, tr(words).format(getattr(coverage, part)))

    def _say(self, error: EngineError) -> None:
        self._note.setText(str(error))

    def _open(self, index: QModelIndex) -> None:
        if document := self._model.item(index):
            self.opened.emit(document.path)

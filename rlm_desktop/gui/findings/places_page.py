"""What a step read of the documents: a list whose rows lead to the lines."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.places_model import PlacesModel
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.plain_table import PlainTable
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.wire import EngineError


class PlacesPage(QWidget):
    """A sentence and the list; the list is asked for when the page is looked at.

    Signals:
        read_range: A place is to be shown (path, first line, last line; zeros if no line is known).
    """

    read_range = Signal(str, int, int)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._wanted: tuple[str, int] | None = None
        self._model = PlacesModel(engine, self)
        self._model.refused.connect(self._refused)
        self.sentence = QuietLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)  # it names files
        self.sentence.setAccessibleName(tr("What of the documents the step showed or sent"))
        self.table = PlainTable(self._model, tr("Places the step read"))
        self.table.setFrameShape(PlainTable.Shape.NoFrame)
        self.table.clicked.connect(self._open)
        self.table.activated.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID // 2, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.sentence)
        layout.addWidget(self.table, 1)

    def show_row(self, run: str, row: Row) -> bool:
        """Show what a step read; says whether it read anything."""
        there = bool(row.printed or row.sent or row.searched)
        if there and self._wanted != (run, row.span):
            self._wanted = (run, row.span)
            self.sentence.setText(row.provenance)
            self._model.show_step(run, row.span)
        elif not there:
            self._wanted = None
        return there

    def _refused(self, error: EngineError) -> None:
        self._wanted = None
        self.sentence.setText(str(error))

    def _open(self, index: QModelIndex) -> None:
        place = self._model.item(index)
        if place is not None and place.path:
            self.read_range.emit(place.path, *place.lines)

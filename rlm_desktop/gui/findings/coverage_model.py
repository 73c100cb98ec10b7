"""The documents of a run and what was read of each, fetched a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.paged_table import PAGE, Index, PagedTable, Take
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import Coverage, DocumentShare

_COLUMNS = (later("Document"), later("Read"), later("Of"))


class CoverageModel(PagedTable[DocumentShare]):
    """Documents in their order; of thousands, those that were looked at so far.

    Signals:
        learned: A page came, and with it the figures of the whole run (`Coverage`).
    """

    learned = Signal(object)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self._engine = engine
        self._run = self._part = self._text = ""

    def show_documents(self, run: str, part: str = "", text: str = "") -> None:
        """List those documents of a run of which nothing (``none``), a part or all (``whole``) was read.

        Args:
            run: Its id.
            part: Which; empty for all.
            text: What their names contain.
        """
        self._run, self._part, self._text = run, part, text
        self.begin()

    def ask(self, first: int, take: Take[DocumentShare], refuse: Callable[[EngineError], None]) -> None:
        def done(page: Coverage) -> None:
            if take(page.rows, page.total):
                self.learned.emit(page)

        which = {"run": self._run, "part": self._part, "text": self._text}
        fields: dict[str, Any] = {**which, "from": first, "count": PAGE}
        self._engine.request("coverage", Coverage, done, refuse, **fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.item(index)
        if row is None:
            return None
        first = index.column() == 0
        match role:
            case Qt.ItemDataRole.DisplayRole if first:
                return row.name
            case Qt.ItemDataRole.DisplayRole if index.column() == 1:
                return numbers.percent(row.read / row.characters) if row.read else numbers.NONE
            case Qt.ItemDataRole.DisplayRole:
                return numbers.count(row.characters)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                exact = tr("{read:,} of {all:,} characters").format(read=row.read, all=row.characters)
                return f"{row.path}: {exact}" if first else exact
            case Qt.ItemDataRole.TextAlignmentRole if not first:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

"""The places of the documents that one step read, fetched a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.paged_table import PAGE, Index, PagedTable, Take
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import PlacesPage, ReadPlace

_COLUMNS = (later("Document"), later("Lines"), later("How"))
_HOW = {
    "printed": later("shown"),
    "sent": later("sent"),
    "searched": later("only found"),
}
_HOW_TIP = {
    "printed": later("The step showed this to the model that wrote it"),
    "sent": later("This was put into a prompt"),
    "searched": later("A search found this; no model was shown it"),
}
_STATE = {
    "changed": later("changed since"),
    "missing": later("gone"),
    "unreadable": later("cannot be read"),
}


class PlacesModel(PagedTable[ReadPlace]):
    """Places in the order of the documents."""

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self._engine = engine
        self._run, self._span = "", 0

    def show_step(self, run: str, span: int) -> None:
        """List what a step read."""
        self._run, self._span = run, span
        self.begin()

    def ask(self, first: int, take: Take[ReadPlace], refuse: Callable[[EngineError], None]) -> None:
        fields: dict[str, Any] = {"run": self._run, "span": self._span, "from": first, "count": PAGE}
        self._engine.request(
            "ranges", PlacesPage, lambda page: take(page.places, page.total), refuse, **fields
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place = self.item(index)
        if place is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(place, index.column())
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return _exact(place, index.column())
        return None


def _text(place: ReadPlace, column: int) -> str:
    if column == 0:
        return place.name or tr("its own context")
    if column == 2:
        return tr(_HOW.get(place.how, place.how)) + (" ~" if place.ambiguous else "")
    first, last = place.lines
    if first:
        return f"{first:,}" if first == last else f"{first:,}–{last:,}"
    return (
        tr(_STATE[place.state])
        if place.state in _STATE
        else tr("{} characters").format(numbers.count(place.end - place.start))
    )


def _exact(place: ReadPlace, column: int) -> str:
    if column == 2:
        doubt = " " + tr("The same text stands elsewhere too.") if place.ambiguous else ""
        return tr(_HOW_TIP.get(place.how, "")) + "." + doubt
    characters = tr("characters {first:,}–{last:,}").format(first=place.start + 1, last=place.end)
    return f"{place.path}: {characters}" if place.path else characters

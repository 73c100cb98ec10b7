"""The menu of what was opened lately."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from rlm_desktop.gui.library.recent import Recent
from rlm_desktop.gui.library.recent_model import label
from rlm_desktop.gui.look import format as numbers

_NAMED = 60
"""Characters of a path in the menu."""


class RecentMenu(QObject):
    """Fills a menu each time it is about to be seen, above the actions that stand in it.

    Signals:
        chosen: One is to be opened again (paths).
    """

    chosen = Signal(object)

    def __init__(self, menu: QMenu, recent: Recent) -> None:
        super().__init__(menu)
        self._menu = menu
        self._recent = recent
        self._fixed = menu.actions()
        self._entries: list[QAction] = []
        menu.aboutToShow.connect(self._fill)
        recent.changed.connect(self._allow)
        self._allow()

    def _allow(self) -> None:
        self._menu.menuAction().setEnabled(bool(self._recent.entries))

    def _fill(self) -> None:
        for action in self._entries:
            self._menu.removeAction(action)
            action.deleteLater()
        self._entries = []
        for entry in self._recent.entries:
            gone = self._recent.gone(entry)
            action = QAction(numbers.beginning(label(entry, gone=gone), _NAMED).replace("&", "&&"), self)
            action.setToolTip("\n".join(entry))
            action.setEnabled(not gone)
            action.triggered.connect(lambda _=False, paths=entry: self.chosen.emit(paths))
            self._entries.append(action)
        line = QAction(self)
        line.setSeparator(True)
        self._entries.append(line)
        self._menu.insertActions(self._fixed[0], self._entries)

"""Which rows of a run are unfolded by themselves, so that a long one stays readable."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QTreeView

from rlm_desktop.events import Row
from rlm_desktop.gui.run.tree_model import Index, RunTreeModel

KEPT_OPEN = 3
"""Turns of one level, the latest, that stay unfolded; those before them fold unless something in them failed."""
_OPEN_ALL = 12
"""A row with more children than this is not unfolded by itself."""


class Folding:
    """Folds and unfolds rows of a view, and leaves alone what the person folded or unfolded.

    Args:
        view: Shows a `RunTreeModel`.
    """

    def __init__(self, view: QTreeView) -> None:
        self._view = view
        self._ours = False
        self._by_person: dict[int, bool] = {}
        view.expanded.connect(self._toggled)
        view.collapsed.connect(self._toggled)

    def begin(self, *, anew: bool) -> None:
        """Fold and unfold what is known of a tree that is shown now; ``anew`` if it is of another run."""
        if anew:
            self._by_person.clear()
        self._unfold_below(QModelIndex())

    def grown(self, parent: Index, first: int, last: int) -> None:
        """Rows came below another."""
        if parent.isValid():
            self._unfold(parent)
        tree = self._tree
        for place in range(first, last + 1):
            self._fold_turn(tree.index(place - KEPT_OPEN, 0, parent))
        for place in range(max(first, last + 1 - KEPT_OPEN), last + 1):
            index = tree.index(place, 0, parent)
            if tree.rowCount(index):
                self._unfold_below(index)

    @property
    def _tree(self) -> RunTreeModel:
        model = self._view.model()
        assert isinstance(model, RunTreeModel)
        return model

    def _toggled(self, index: QModelIndex) -> None:
        if not self._ours:
            self._by_person[index.internalId()] = self._view.isExpanded(index)

    def _unfold_below(self, parent: Index) -> None:
        tree = self._tree
        for place in range(tree.rowCount(parent)):
            index = tree.index(place, 0, parent)
            if self._unfold(index):
                self._unfold_below(index)

    def _unfold(self, index: Index) -> bool:
        """Unfold a row if it is one of those that are; whether it is unfolded now."""
        row = self._tree.row_at(index)
        if row is None or not row.children or self._view.isExpanded(index):
            return self._view.isExpanded(index)
        if self._by_person.get(row.span, self._stays_open(row, index)):
            self._ours = True
            self._view.expand(index)
            self._ours = False
        return self._view.isExpanded(index)

    def _stays_open(self, row: Row, index: Index) -> bool:
        if row.kind == "group" or row.children > _OPEN_ALL:
            return False
        if row.kind != "turn" or row.failures or not row.finished:
            return True
        above = self._tree.row(self._tree.parent(index).internalId() if index.parent().isValid() else 0)
        return above is None or row.index >= above.children - KEPT_OPEN

    def _fold_turn(self, index: Index) -> None:
        """Fold a turn that has become one of the earlier ones."""
        if not self._view.isExpanded(index):  # as nearly all: no need to look what they are
            return
        row = self._tree.row_at(index)
        if row is None or row.kind != "turn" or row.failures or not row.finished:
            return
        if row.span not in self._by_person:
            self._ours = True
            self._fold(index)
            self._ours = False

    def _fold(self, index: Index) -> None:
        """Fold a row with all that is unfolded below it: Qt keeps a list of that, and walks it at each change."""
        for place in range(self._tree.rowCount(index)):
            below = self._tree.index(place, 0, index)
            if self._view.isExpanded(below):
                self._fold(below)
        self._view.collapse(index)

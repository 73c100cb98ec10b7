"""Going to a row of the run's tree that nobody may have opened yet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from rlm_desktop.gui.run.tree_model import ROOT, RunTreeModel
from rlm_desktop.gui.run.tree_view import RunTreeView


class Reveal(QObject):
    """Chooses a row in a tree, as soon as the pages it stands in have come.

    Args:
        view: Shows the tree.
    """

    def __init__(self, view: RunTreeView) -> None:
        super().__init__(view)
        self._view = view
        self._path: tuple[int, ...] = ()
        self._awaited: RunTreeModel | None = None

    def show(self, path: Sequence[int]) -> None:
        """Choose a row.

        Args:
            path: Its span, after those of the rows it stands below, from the top.
        """
        self._path = tuple(path)
        self._go_on()

    def _go_on(self) -> None:
        tree = self._view.tree()
        if not self._path or tree is None:
            self._wait_for(None)
            return
        if tree.row(self._path[-1]) is not None:
            self._wait_for(None)
            index = tree.index_of(self._path[-1])
            self._view.setCurrentIndex(index)
            self._view.scrollTo(index)
            return
        known = [span for span in self._path if tree.row(span) is not None]
        above = tree.index_of(known[-1] if known else ROOT)
        self._wait_for(tree)
        if tree.canFetchMore(above):
            tree.fetchMore(above)

    def _wait_for(self, tree: RunTreeModel | None) -> None:
        """Go on when this tree has grown."""
        if tree is self._awaited:
            return
        if self._awaited is not None:
            self._awaited.rowsInserted.disconnect(self._go_on)
            self._awaited.destroyed.disconnect(self._forget)
        self._awaited = tree
        if tree is not None:
            tree.rowsInserted.connect(self._go_on)
            tree.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._awaited = None

"""Which model answers sub-calls: the root's, or a smaller one."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models import words
from rlm_desktop.gui.models.catalogue import Catalogue


class SubModel(QComboBox):
    """The same as the root's, or any that is ready."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self.setAccessibleName(tr("Model of sub-calls"))
        self.setToolTip(tr("Reads the passages that the model's code asks about; a smaller one is quicker"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        catalogue.changed.connect(self._list)
        self._list()

    @property
    def name(self) -> str:
        """The model, as the engine calls it; empty for the root's."""
        return str(self.currentData() or "")

    def choose(self, name: str) -> None:
        """Choose a model, listed or not."""
        if name and self.findData(name) < 0:
            self.addItem(numbers.model(name), name)
        self.setCurrentIndex(max(0, self.findData(name)))

    def _list(self) -> None:
        chosen = self.name
        self.blockSignals(True)
        self.clear()
        self.addItem(tr("same as the model"), "")
        for entry in self._catalogue.models:
            if entry.state == "ready":
                self.addItem(words.label(entry), entry.name)
        self.choose(chosen)
        self.blockSignals(False)

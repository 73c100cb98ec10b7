"""Choose the model, and fetch it when it is not there yet."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui import format as numbers
from rlm_desktop.gui.catalogue import Catalogue
from rlm_desktop.gui.theme import GRID
from rlm_desktop.gui.wire import ModelEntry, Notice

_OTHER = "Another model…"
_STATES = {"ready": "", "partial": "  (partly downloaded)", "absent": "  (not downloaded)"}


class ModelPicker(QWidget):
    """A list of the catalogue's models, a field for any other, and a row that offers the download.

    Signals:
        changed: Another model is chosen, or the chosen one became ready or ceased to be.
    """

    changed = Signal()

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._preferred = ""
        self.combo = QComboBox()
        self.combo.setAccessibleName("Model")
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(12)
        self.other = QLineEdit()
        self.other.setAccessibleName("Another model")
        self.other.setPlaceholderText("A .gguf file, or script:FILE")
        self._note = QLabel()
        self._note.setWordWrap(True)
        self.fetch = QPushButton("Download")
        self.fetch.setAccessibleName("Download the model")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Download of the model")
        self.progress.setRange(0, 1000)
        self.abort = QPushButton("Cancel")
        self.abort.setAccessibleName("Cancel the download")
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._note, 1)
        row.addWidget(self.progress, 1)
        row.addWidget(self.fetch)
        row.addWidget(self.abort)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.combo)
        layout.addWidget(self.other)
        layout.addWidget(self._row)
        self.combo.currentIndexChanged.connect(self._chosen)
        self.other.textChanged.connect(self._chosen)
        self.fetch.clicked.connect(lambda: self._catalogue.pull(self.name))
        self.abort.clicked.connect(lambda: self._catalogue.cancel_pull(self.name))
        catalogue.changed.connect(self._list)
        catalogue.progress.connect(self._progress)
        self._list()

    @property
    def name(self) -> str:
        """The chosen model, as the engine calls it; empty if none is."""
        return str(self.combo.currentData() or self.other.text().strip())

    @property
    def ready(self) -> bool:
        """Whether a question can be asked with it; of other models the engine will tell."""
        entry = self._catalogue.find(self.name)
        return entry.state == "ready" if entry else bool(self.name)

    def prefer(self, name: str) -> None:
        """Choose this model unless the person has chosen already."""
        self._preferred = self._preferred or name
        self._list()

    def choose(self, name: str) -> None:
        """Choose a model by name, listed or not."""
        self._preferred = name
        self._list()

    def _list(self) -> None:
        if not self._catalogue.models:
            self._show()
            return
        wanted = self._preferred or self.name
        self.combo.blockSignals(True)
        self.combo.clear()
        for entry in self._catalogue.models:
            self.combo.addItem(entry.name + _STATES.get(entry.state, ""), entry.name)
            self.combo.setItemData(self.combo.count() - 1, _facts(entry), 3)
        self.combo.addItem(_OTHER, "")
        position = self.combo.findData(wanted)
        if position < 0:
            position = self.combo.count() - 1 if wanted else 0
            if wanted:
                self.other.setText(wanted)
        self.combo.setCurrentIndex(position)
        self.combo.blockSignals(False)
        self._show()

    def _chosen(self) -> None:
        self._preferred = self.name
        self._show()

    def _show(self) -> None:
        entry = self._catalogue.find(self.name)
        listed = bool(self.combo.currentData())
        self.other.setVisible(not listed and bool(self._catalogue.models))
        download = self._catalogue.download_of(self.name)
        absent = entry is not None and entry.state != "ready"
        self._row.setVisible(absent)
        self.progress.setVisible(download is not None)
        self.abort.setVisible(download is not None)
        self.fetch.setVisible(download is None)
        self._note.setVisible(download is None)
        if entry is not None and absent:
            self._note.setText(f"{numbers.size(entry.size)}, {entry.licence}")
            self.fetch.setText("Resume download" if entry.state == "partial" else "Download")
        if download is not None:
            self._advance(download)
        self.changed.emit()

    def _progress(self, notice: Notice) -> None:
        if notice.model != self.name:
            return
        if notice.state == "running" and self.progress.isVisible():
            self._advance(notice)
            return
        self._show()
        if notice.state == "failed":
            self._note.setText(notice.text or "The download failed.")

    def _advance(self, notice: Notice) -> None:
        if notice.total:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * notice.received / notice.total))
            self.progress.setFormat(f"{numbers.size(notice.received)} of {numbers.size(notice.total)}")
        else:
            self.progress.setRange(0, 0)
            self.progress.setFormat(numbers.size(notice.received))


def _facts(entry: ModelEntry) -> str:
    memory = f", {numbers.size(entry.memory)} of memory" if entry.memory else ""
    return "\n".join(
        filter(
            None,
            (
                entry.title,
                f"{numbers.size(entry.size)}{memory}, window of {entry.context_window:,} tokens",
                entry.licence,
                entry.note,
            ),
        )
    )

"""Choose the model, and fetch it when it is not there yet."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models import words
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.remote import is_remote, is_served
from rlm_desktop.gui.models.state import Standing, button
from rlm_desktop.gui.widgets.name_box import NameBox
from rlm_desktop.gui.widgets.toned_label import TonedLabel
from rlm_desktop.gui.wire import Notice

_OTHER = "Another model…"
_MANAGE = " manage"
"""What stands for the window of models; no model's name begins with a space."""


class ModelPicker(QWidget):
    """A list of the catalogue's models, a field for any other, and a row that offers the download.

    Signals:
        changed: Another model is chosen, or the chosen one became ready or ceased to be.
        network_wanted: The person wants the network switched on.
        managed: The person wants to see all models.
    """

    changed = Signal()
    network_wanted = Signal()
    managed = Signal()

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._preferred = ""
        self._online = False
        self._loaded: set[str] = set()
        self.combo = NameBox()
        self.combo.setAccessibleName(tr("Model"))
        self.combo.setMinimumContentsLength(12)
        self.other = QLineEdit()
        self.other.setAccessibleName(tr("Another model"))
        self.other.setPlaceholderText(tr(".gguf file, openai:NAME or address"))
        self.other.setToolTip(
            tr("A .gguf file, openai:MODEL, anthropic:MODEL, http://HOST/v1#MODEL, or script:FILE")
        )
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._warning = TonedLabel("warn")
        self._warning.setAccessibleName(tr("Memory of the model"))
        self.fetch = QPushButton(tr("Download"))
        self.fetch.setAccessibleName(tr("Download the model"))
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("Download of the model"))
        self.progress.setRange(0, 1000)
        self.switch_on = QPushButton(tr("Switch on"))
        self.switch_on.setAccessibleName(tr("Switch the network on"))
        self.abort = QPushButton(tr("Cancel"))
        self.abort.setAccessibleName(tr("Cancel the download"))
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addStretch(0)
        row.addWidget(self.progress, 1)
        row.addWidget(self.fetch)
        row.addWidget(self.switch_on)
        row.addWidget(self.abort)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.combo)
        layout.addWidget(self.other)
        layout.addWidget(self._note)
        layout.addWidget(self._row)
        layout.addWidget(self._warning)
        self.combo.currentIndexChanged.connect(self._chosen)
        self.combo.activated.connect(self._activated)
        self.other.textChanged.connect(self._chosen)
        self.fetch.clicked.connect(lambda: self._catalogue.pull(self.name))
        self.switch_on.clicked.connect(self.network_wanted)
        self.abort.clicked.connect(lambda: self._catalogue.cancel_pull(self.name))
        catalogue.changed.connect(self._list)
        catalogue.progress.connect(self._progress)
        catalogue.activity.connect(self._follow)
        catalogue.troubled.connect(lambda name: self._show() if name == self.name else None)
        self._list()

    @property
    def name(self) -> str:
        """The chosen model, as the engine calls it; empty if none is."""
        chosen = self.combo.currentData()
        return self._preferred if chosen == _MANAGE else str(chosen or self.other.text().strip())

    @property
    def listed(self) -> bool:
        """Whether there is anything to choose from yet."""
        return bool(self._catalogue.models)

    @property
    def ready(self) -> bool:
        """Whether a question can be asked with it; of other models the engine will tell."""
        entry = self._catalogue.find(self.name)
        there = entry.state == "ready" if entry else bool(self.name)
        return there and not self.blocked

    @property
    def remote(self) -> bool:
        """Whether asking it needs the network."""
        entry = self._catalogue.find(self.name)
        return is_served(entry) if entry else is_remote(self.name)

    @property
    def blocked(self) -> bool:
        """Whether it needs the network and that is switched off."""
        return self.remote and not self._online

    def set_online(self, online: bool) -> None:
        """The network was switched on or off."""
        self._online = online
        self._show()

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
        typing = self.combo.currentData() == ""  # another model, of which nothing is typed yet
        self.combo.blockSignals(True)
        self.combo.clear()
        for entry in self._catalogue.models:
            self.combo.addItem(words.label(entry), entry.name)
            self.combo.setItemData(self.combo.count() - 1, words.whole(entry), Qt.ItemDataRole.ToolTipRole)
        self.combo.addItem(_OTHER, "")
        other = self.combo.count() - 1
        self.combo.insertSeparator(other + 1)
        self.combo.addItem(tr("Manage models…"), _MANAGE)
        position = self.combo.findData(wanted) if wanted else -1
        if position < 0:
            position = other if wanted or typing else 0
        self.combo.setCurrentIndex(position)
        if wanted and position == other:
            self.other.setText(wanted)
        self.combo.blockSignals(False)
        self._show()

    def _chosen(self) -> None:
        if self.combo.currentData() != _MANAGE:
            self._preferred = self.name
            self._show()

    def _activated(self) -> None:
        if self.combo.currentData() == _MANAGE:
            self._list()  # back to the model that was chosen
            self.managed.emit()
            return
        if not self.combo.currentData():
            self.other.setFocus(Qt.FocusReason.TabFocusReason)
        self._catalogue.refresh()  # what is free has changed since the last look

    def _show(self) -> None:
        entry = self._catalogue.find(self.name)
        listed = bool(self.combo.currentData())
        self.combo.setToolTip(words.whole(entry) if entry is not None else "")
        self.other.setVisible(not listed and bool(self._catalogue.models))
        download = self._catalogue.download_of(self.name)
        absent = entry is not None and entry.state != "ready" and not entry.own
        loaded = self.name in self._loaded
        note = words.note(entry) if entry and not loaded else ""
        warning = words.warning(entry) if entry and not loaded else ""
        trouble = self._catalogue.trouble_of(self.name)
        if trouble is not None and absent:
            note = str(trouble)
        if self.blocked:
            note = tr("Switch the network on, or choose a local model.")
        fetching = absent and download is None
        self._row.setVisible(fetching or self.blocked or download is not None)
        self.progress.setVisible(download is not None)
        self.abort.setVisible(download is not None)
        self.fetch.setVisible(fetching)
        self.switch_on.setVisible(self.blocked)
        self._note.setVisible(bool(note) and download is None)
        self._note.setText(note)
        self._warning.setVisible(bool(warning))
        self._warning.setText(warning)
        if entry is not None and absent:
            self.fetch.setText(button("download", Standing(entry)))
        if download is not None:
            self._advance(download)
        self.changed.emit()

    def _follow(self, notice: Notice) -> None:
        """A model that is in memory has what it needs; what is free is then counted without it."""
        before = notice.model in self._loaded
        if notice.state == "ready":
            self._loaded.add(notice.model)
        elif notice.state in ("unloaded", "failed"):
            self._loaded.discard(notice.model)
        if notice.model == self.name and before != (notice.model in self._loaded):
            self._show()

    def _progress(self, notice: Notice) -> None:
        if notice.model != self.name:
            return
        if notice.kind != "download":
            return
        if notice.state == "running" and self.progress.isVisible():
            self._advance(notice)
            return
        self._show()

    def _advance(self, notice: Notice) -> None:
        if notice.total:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * notice.received / notice.total))
            self.progress.setFormat(
                tr("{received} of {total}").format(
                    received=numbers.size(notice.received), total=numbers.size(notice.total)
                )
            )
        else:
            self.progress.setRange(0, 0)
            self.progress.setFormat(numbers.size(notice.received))

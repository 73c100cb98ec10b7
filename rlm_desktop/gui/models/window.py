"""The window of models: a list, and the one that is marked in full. Files that are dropped on it are added."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.delegate import ModelDelegate
from rlm_desktop.gui.models.list_model import ModelListModel, NameRole
from rlm_desktop.gui.models.page import ModelPage
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.models import Adjustable, ModelSettings

SUFFIX = ".gguf"
_SIZE = (112 * GRID, 78 * GRID)
_LIST_SHARE = (38, 62)
_LETTERS = 26
"""Of an average width, that a name in the list has room for."""


class ModelsWindow(QDialog):
    """Stands beside the main window, which goes on working.

    Args:
        engine: Knows what can be set of a model.
        catalogue: The models.
        parent: The main window.

    Signals:
        chosen: Ask with this model (its name).
        dropped: Take this model, which a server has, off the list (its name).
        network_wanted: The person wants the network switched on.
        remote_wanted: The person wants to add a model on a server.
    """

    chosen = Signal(str)
    dropped = Signal(str)
    network_wanted = Signal()
    remote_wanted = Signal()

    def __init__(self, engine: EngineClient, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._engine = engine
        self._catalogue = catalogue
        self._to_mark = ""
        self.setWindowTitle(tr("Models"))
        self.setAcceptDrops(True)
        self.rows = ModelListModel(catalogue)
        self._delegate = ModelDelegate()
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(tr("Models"))
        self.list.setMinimumWidth(_LETTERS * self.fontMetrics().averageCharWidth())
        self.page = ModelPage(catalogue)
        self.news = Banner(look=None)
        self.add_file = self._button(tr("Add a file…"), tr("Add a GGUF file of yours"), self._choose_file)
        self.add_remote = self._button(
            tr("Add a remote model…"), tr("Add a model on a server"), self.remote_wanted.emit
        )
        self._lay_out()
        self._connect()
        self.resize(*_SIZE)

    def _button(self, text: str, name: str, act: Callable[[], None]) -> QPushButton:
        made = QPushButton(text)
        made.setAccessibleName(name)
        made.setAutoDefault(False)
        made.clicked.connect(act)
        return made

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self.add_file)
        top.addWidget(self.add_remote)
        top.addWidget(QuietLabel(tr("or drop a .gguf file here: it stays where it is")), 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.list)
        self.split.addWidget(self.page)
        self.split.setChildrenCollapsible(False)
        for number, share in enumerate(_LIST_SHARE):
            self.split.setStretchFactor(number, share)
        self.split.setSizes([share * _SIZE[0] // 100 for share in _LIST_SHARE])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addLayout(top)
        layout.addWidget(self.news)
        layout.addWidget(self.split, 1)

    def _connect(self) -> None:
        self.list.selectionModel().currentChanged.connect(self._marked)
        self.rows.dataChanged.connect(self._changed)
        self.rows.rowsInserted.connect(self._listed)
        self.rows.rowsRemoved.connect(self._listed)
        self.list.activated.connect(self._use)
        self.page.wanted.connect(self._do)
        self.page.settings.saved.connect(self._set)
        self._catalogue.added.connect(self._added)
        self._catalogue.refused.connect(self._refused)
        self._catalogue.freed.connect(self._freed)
        self._engine.greeted.connect(lambda: self._ask_settings(self.page.name))
        self._engine.ended.connect(self.close)

    # -- opening -----------------------------------------------------------------------------------------

    def start(self, name: str = "") -> None:
        """Show the window, with this model marked; or bring it to the front."""
        self._catalogue.refresh()  # what is free has changed since the last look
        self.mark(name or self.page.name)
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def mark(self, name: str) -> None:
        """Mark a model, now or as soon as it is listed."""
        self._to_mark = name
        index = self.rows.index_of(name) if name else self.rows.index(0)
        if index.isValid():
            self._to_mark = ""
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def set_online(self, online: bool) -> None:
        """The network was switched on or off."""
        self.rows.set_online(online)

    def offer_file(self, path: str) -> None:
        """Add a GGUF file of the person's own, wherever it was dropped."""
        self.start()
        self._add_files([path])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.list.currentIndex().isValid():
            self.mark(self._to_mark)

    # -- adding ------------------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        dialog = QFileDialog(
            self, tr("Add a GGUF file of yours"), "", tr("GGUF models (*.gguf);;All files (*)")
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._add_files)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._add_files([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _add_files(self, paths: Sequence[str]) -> None:
        self.news.hide()
        for path in paths:
            self._catalogue.add_file(path)

    def _added(self, name: str) -> None:
        self.news.hide()
        self.mark(name)

    def _refused(self, error: EngineError) -> None:
        self.news.say(str(error))

    def _freed(self, name: str, count: int) -> None:
        text = tr("{name} is removed; {size} are free again.") if count else tr("{name} is off the list.")
        self.news.say(text.format(name=name, size=numbers.size(count)))

    # -- the marked model --------------------------------------------------------------------------------

    def _marked(self, index: QModelIndex) -> None:
        name = index.data(NameRole) or ""
        changed = name != self.page.name
        self.page.show_model(self.rows.standing(name))
        if changed:
            self._ask_settings(name)

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        here = self.list.currentIndex()
        if here.isValid() and first.row() <= here.row() <= last.row():
            name, ready = self.page.name, self.page.ready
            self.page.show_model(self.rows.standing(name))
            if self.page.ready and not ready:
                self._ask_settings(name)

    def _listed(self) -> None:
        if self._to_mark:
            self.mark(self._to_mark)
        elif not self.list.currentIndex().isValid() and self.isVisible():
            self.mark("")

    def _use(self) -> None:
        """As its button, if that can be clicked."""
        if not self.page.buttons["use"].isHidden():
            self.chosen.emit(self.page.name)

    def _do(self, deed: str) -> None:
        name = self.page.name
        acts: dict[str, Callable[[str], None]] = {
            "use": self.chosen.emit,
            "download": self._catalogue.pull,
            "pause": self._catalogue.pause,
            "cancel": self._catalogue.cancel_pull,
            "stop": self._catalogue.cancel_pull,
            "load": self._catalogue.load,
            "unload": self._catalogue.unload,
            "check": self._catalogue.check,
            "remove": self._remove,
            "network": lambda _: self.network_wanted.emit(),
        }
        acts[deed](name)

    def _remove(self, name: str) -> None:
        now = self.rows.standing(name)
        if now is not None and not now.here:
            self.dropped.emit(name)
        else:
            self._catalogue.remove(name)

    # -- settings ----------------------------------------------------------------------------------------

    def _ask_settings(self, name: str) -> None:
        if not name:
            return
        self._engine.request(
            "model_settings",
            Adjustable,
            lambda can: self._show_settings(name, can),
            lambda _: None,  # a model that a person added by its address has nothing to set
            model=name,
        )

    def _set(self, wanted: ModelSettings) -> None:
        name = self.page.name

        def done(can: Adjustable) -> None:
            self._show_settings(name, can)
            self._catalogue.refresh()

        self._engine.request(
            "set_model",
            Adjustable,
            done,
            lambda error: self.page.settings.say(str(error)),
            model=name,
            settings=wanted,
        )

    def _show_settings(self, name: str, can: Adjustable) -> None:
        if name == self.page.name:
            self.page.show_settings(can)

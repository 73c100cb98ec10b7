"""What the Models menu does: the window of models, the network switch, remote models, their keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.network import Network
from rlm_desktop.gui.models.picker import ModelPicker
from rlm_desktop.gui.models.remote import RemoteModels
from rlm_desktop.gui.models.remote_dialog import RemoteModelDialog
from rlm_desktop.gui.models.window import ModelsWindow
from rlm_desktop.gui.widgets.status_line import StatusLine
from rlm_desktop.gui.wire import EngineError, EngineStatus, Notice


class ModelsMenu(QObject):
    """Connects the menu with the picker and the status line, so that all of them tell the same.

    Args:
        engine: Where models are.
        catalogue: Those it knows.
        choices: What was chosen in earlier windows.
        picker: Where a model is chosen.
        status: Where the network switch is shown.
        window: Where dialogs stand beside.
        online: What was said of the network for this start; ``None`` for nothing.

    Signals:
        refused: The engine did not do what was asked for (`EngineError`).
    """

    refused = Signal(object)

    def __init__(
        self,
        engine: EngineClient,
        catalogue: Catalogue,
        choices: Choices,
        picker: ModelPicker,
        status: StatusLine,
        *,
        window: QWidget,
        online: bool | None = None,
    ) -> None:
        super().__init__(window)
        self.network = Network(engine, choices, online)
        self.remote = RemoteModels(engine, catalogue, choices)
        self.dialog = RemoteModelDialog(window)
        self.view = ModelsWindow(engine, catalogue, window)
        self._picker, self._status = picker, status
        self._choices = choices
        self._default = ""
        self._actions: dict[str, QAction] = {}
        catalogue.progress.connect(status.show_download)
        catalogue.progress.connect(self._announce)
        self.network.changed.connect(status.show_engine)
        self.network.changed.connect(self._show)
        self.network.refused.connect(self._complain)
        self.remote.refused.connect(self.refused)
        self.remote.added.connect(picker.choose)
        self.dialog.agreed.connect(self.remote.add)
        self.dialog.forgotten.connect(lambda owner: self.remote.keep_key(owner, ""))
        picker.network_wanted.connect(lambda: self.network.switch(True))
        picker.managed.connect(self.show_models)
        self.view.network_wanted.connect(lambda: self.network.switch(True))
        self.view.remote_wanted.connect(self.dialog.start)
        self.view.chosen.connect(self._use)
        self.view.dropped.connect(self._drop)
        self.view.restoreGeometry(choices.models_window)
        self.view.finished.connect(self._keep_place)
        picker.changed.connect(self._allow)
        status.network.clicked.connect(self.network.toggle)
        if choices.model:
            picker.choose(choices.model)

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action of the menu does."""
        return {
            "network": self.network.toggle,
            "models": self.show_models,
            "add_model": self.dialog.start,
            "drop_model": lambda: self._drop(self._picker.name),
        }

    def show_models(self) -> None:
        """Show all models, the chosen one marked."""
        self.view.start(self._picker.name)

    def offer(self, actions: dict[str, QAction]) -> None:
        """Take on the menu's actions, to show what is so and what can be done."""
        self._actions = {name: actions[name] for name in self.handlers}
        self._allow()

    def remember(self, model: str) -> None:
        """Choose this model again at the next start."""
        self._choices.model = model

    def _announce(self, notice: Notice) -> None:
        """Say that a download is over, where the window of models does not."""
        if notice.kind != "download" or self.view.isVisible():
            return
        name = numbers.model(notice.model)
        if notice.state == "done":
            text = tr("{name} is here").format(name=name)
        elif notice.state == "failed":
            text = tr("{name} was not downloaded").format(name=name)
        else:
            return
        self._status.tell(text, lambda: self.view.start(notice.model))

    def _use(self, name: str) -> None:
        """Choose a model, and make way for the question it is wanted for."""
        self._picker.choose(name)
        self.view.close()

    def _keep_place(self) -> None:
        self._choices.models_window = self.view.saveGeometry()

    def _show(self, status: EngineStatus) -> None:
        self._default = status.default_model
        self._picker.set_online(status.online)
        self.view.set_online(status.online)
        self._allow()

    def _allow(self) -> None:
        if self._actions:
            self._actions["network"].setChecked(self.network.online)
            self._actions["drop_model"].setEnabled(self.remote.holds(self._picker.name))

    def _complain(self, error: EngineError) -> None:
        self._allow()  # the click has ticked the menu already
        self.refused.emit(error)

    def _drop(self, name: str) -> None:
        if name == self._picker.name:
            self._picker.choose(self._default)
            self.remember("")
        self.remote.drop(name)

"""The models of the catalogue, what is downloaded of them, and what the model in use is doing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.wire import EngineError, ModelEntry, ModelList, Nothing, Notice


class Catalogue(QObject):
    """Lists and downloads models.

    Signals:
        changed: The list is new.
        progress: A download moved on or ended (`Notice`).
        activity: A model loads, is ready or failed (`Notice`).
    """

    changed = Signal()
    progress = Signal(object)
    activity = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._models: tuple[ModelEntry, ...] = ()
        self._added: tuple[str, ...] = ()
        self._downloads: dict[str, Notice] = {}
        engine.noticed.connect(self._noticed)
        engine.died.connect(self._downloads.clear)

    @property
    def models(self) -> tuple[ModelEntry, ...]:
        """The catalogue's models, in its order, then those that were added; none until the engine has listed its own."""
        if not self._models:
            return ()
        listed = {model.name for model in self._models}
        return *self._models, *(ModelEntry(name, state="ready") for name in self._added if name not in listed)

    def add(self, names: Sequence[str]) -> None:
        """List these remote models too, in place of those added before."""
        self._added = tuple(names)
        self.changed.emit()

    def find(self, name: str) -> ModelEntry | None:
        """The model with this name."""
        return next((model for model in self.models if model.name == name), None)

    def download_of(self, name: str) -> Notice | None:
        """How far the model's download is, while it goes on."""
        return self._downloads.get(name)

    def refresh(self) -> None:
        """Ask the engine for the list."""
        self._engine.request("models", ModelList, self._listed)

    def pull(self, name: str) -> None:
        """Download a model; the person's click consents to this one transfer."""
        self._move(Notice("download", name, "running"))

        def failed(error: EngineError) -> None:
            self._move(Notice("download", name, "failed", str(error)))
            self.refresh()

        self._engine.request("pull", Nothing, lambda _: self._ended(name), failed, model=name)

    def cancel_pull(self, name: str) -> None:
        """Stop a download; what is there is kept for the next try."""
        self._engine.request("cancel_pull", Nothing, lambda _: self._ended(name), model=name)

    def _listed(self, answer: ModelList) -> None:
        self._models = answer.models
        self.changed.emit()

    def _ended(self, name: str) -> None:
        self._downloads.pop(name, None)
        self.refresh()

    def _noticed(self, notice: Notice) -> None:
        if notice.kind == "model":
            self.activity.emit(notice)
        elif notice.kind == "download":
            self._move(notice)

    def _move(self, notice: Notice) -> None:
        if notice.state == "running":
            self._downloads[notice.model] = notice
        else:
            self._downloads.pop(notice.model, None)
        self.progress.emit(notice)

"""The models of the catalogue, what is done with their files, and what those in memory are doing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.models.rate import Rate
from rlm_desktop.gui.wire import EngineError, Nothing, Notice
from rlm_desktop.gui.wire.models import AddedFile, ModelEntry, ModelList, Removed

_GOING_ON = ("queued", "running")
_IN_MEMORY = ("loading", "ready", "generating", "waiting")


class Catalogue(QObject):
    """Lists models, and has the engine fetch, check, load and remove them.

    Signals:
        changed: The list is new.
        progress: A download or a check moved on or ended (`Notice`).
        activity: A model loads, is ready, computes or failed (`Notice`).
        troubled: Something asked for of a model failed, or that was taken note of (its name).
        freed: A model was removed (its name, bytes).
        added: A file was listed (its name).
        refused: A file is no model (`EngineError`).
    """

    changed = Signal()
    progress = Signal(object)
    activity = Signal(object)
    troubled = Signal(str)
    freed = Signal(str, object)
    added = Signal(str)
    refused = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        self._models: tuple[ModelEntry, ...] = ()
        self._added: tuple[str, ...] = ()
        self._work: dict[str, Notice] = {}
        self._rates: dict[str, Rate] = {}
        self._memory: dict[str, Notice] = {}
        self._troubles: dict[str, EngineError] = {}
        self._sound: set[str] = set()
        engine.noticed.connect(self._noticed)
        engine.died.connect(self._forget)

    # -- what there is -----------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[ModelEntry, ...]:
        """The catalogue's models, in its order, then those that were added; none until the engine has listed its own."""
        if not self._models:
            return ()
        listed = {model.name for model in self._models}
        added = (name for name in self._added if name not in listed)
        return *self._models, *(ModelEntry(name, state="ready", own=True) for name in added)

    def find(self, name: str) -> ModelEntry | None:
        """The model with this name."""
        return next((model for model in self.models if model.name == name), None)

    def download_of(self, name: str) -> Notice | None:
        """How far the model's download is, while it goes on or waits for another."""
        work = self._work.get(name)
        return work if work is not None and work.kind == "download" else None

    def check_of(self, name: str) -> Notice | None:
        """How far the check of the model's file is, while it goes on."""
        work = self._work.get(name)
        return work if work is not None and work.kind == "verify" else None

    def rate_of(self, name: str) -> Rate:
        """How quickly the model arrives, or is checked."""
        return self._rates.setdefault(name, Rate())

    def memory_of(self, name: str) -> Notice | None:
        """What a model does that is in memory, or is on its way there."""
        return self._memory.get(name)

    def trouble_of(self, name: str) -> EngineError | None:
        """Why what was asked for last of the model failed, if it did."""
        return self._troubles.get(name)

    def is_sound(self, name: str) -> bool:
        """Whether the model's file was checked, and is what it should be."""
        return name in self._sound

    # -- what a person wants -----------------------------------------------------------------------------

    def add(self, names: Sequence[str]) -> None:
        """List these remote models too, in place of those added before."""
        self._added = tuple(names)
        self.changed.emit()

    def refresh(self) -> None:
        """Ask the engine for the list."""
        self._engine.request("models", ModelList, self._listed)

    def pull(self, name: str) -> None:
        """Download a model, after those that were asked for before; the click consents to this one transfer."""
        self._begin(Notice("download", name, "running"))
        self._ask("pull", name)

    def pause(self, name: str) -> None:
        """Stop a download for now; what is there is kept."""
        self._ask("pause", name)

    def cancel_pull(self, name: str) -> None:
        """Stop a download or a check; what is there is kept for the next try."""
        self._ask("cancel_pull", name)

    def check(self, name: str) -> None:
        """Hash a model's file and compare."""
        self._begin(Notice("verify", name, "running"))
        self._ask("verify", name)

    def load(self, name: str) -> None:
        """Bring a model into memory."""
        self._noticed(Notice("model", name, "loading"))
        self._ask("load", name)

    def unload(self, name: str) -> None:
        """Free the memory a model takes."""
        self._ask("unload", name)

    def remove(self, name: str) -> None:
        """Delete a model's file and what a download left; a file of the person's own is only taken off the list."""
        self.settle(name)

        def removed(answer: Removed) -> None:
            self.freed.emit(name, answer.freed)
            self.refresh()

        self._engine.request("remove", Removed, removed, lambda error: self._failed(name, error), model=name)

    def add_file(self, path: str) -> None:
        """List a GGUF file of the person's own, where it lies."""

        def listed(answer: AddedFile) -> None:
            self.refresh()
            self.added.emit(answer.model)

        self._engine.request("add_file", AddedFile, listed, self.refused.emit, path=path)

    def settle(self, name: str) -> None:
        """What went wrong with a model has been seen to."""
        if self._troubles.pop(name, None) is not None:
            self.troubled.emit(name)

    # -- what the engine says ----------------------------------------------------------------------------

    def _ask(self, command: str, name: str) -> None:
        self.settle(name)
        self._engine.request(
            command,
            Nothing,
            lambda _: self._ended(name, command),
            lambda error: self._failed(name, error),
            model=name,
        )

    def _listed(self, answer: ModelList) -> None:
        self._models = answer.models
        self.changed.emit()

    def _ended(self, name: str, command: str) -> None:
        if command in ("pull", "verify"):
            self._work.pop(name, None)
        self.refresh()

    def _failed(self, name: str, error: EngineError) -> None:
        self._troubles[name] = error
        for kind in {work.kind for work in (self._work.get(name),) if work is not None}:
            self._move(Notice(kind, name, "failed", str(error)))
        if (memory := self._memory.get(name)) is not None and memory.state == "loading":
            self._noticed(Notice("model", name, "failed", str(error)))
        self.troubled.emit(name)
        self.refresh()

    def _begin(self, notice: Notice) -> None:
        self._rates.pop(notice.model, None)
        self._sound.discard(notice.model)
        self._move(notice)

    def _noticed(self, notice: Notice) -> None:
        if notice.kind == "model":
            if notice.state in _IN_MEMORY:
                self._memory[notice.model] = self._worded(notice)
            else:
                self._memory.pop(notice.model, None)
            self.activity.emit(notice)
        elif notice.kind in ("download", "verify"):
            self._move(notice)

    def _worded(self, notice: Notice) -> Notice:
        """What was said of where a model computes holds as long as it is in memory."""
        before = self._memory.get(notice.model)
        kept = before.text if before and not notice.text and before.state != "loading" else notice.text
        return msgspec.structs.replace(notice, text=kept)

    def _move(self, notice: Notice) -> None:
        if notice.state in _GOING_ON:
            self._work[notice.model] = notice
            if notice.received:
                self.rate_of(notice.model).note(notice.received)
        else:
            self._work.pop(notice.model, None)
            if (notice.kind, notice.state) == ("verify", "done"):
                self._sound.add(notice.model)
        self.progress.emit(notice)

    def _forget(self) -> None:
        gone, broken_off = {*self._work, *self._memory}, tuple(self._work.values())
        self._work.clear()
        self._memory.clear()
        for work in broken_off:
            self.progress.emit(msgspec.structs.replace(work, state="cancelled"))
        for name in gone:
            self.troubled.emit(name)

"""The network switch: off unless a person says so, and what it is, the engine knows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.wire import EngineStatus


class Network(QObject):
    """Switches, and switches a new engine as the last one was.

    Args:
        engine: What is switched.
        choices: How the switch was left the last time, and where it is kept.
        said: What was said for this start alone, which comes before how it was left; ``None`` for nothing.

    Signals:
        changed: How the engine is set now (`EngineStatus`).
        refused: The engine could not be switched (`EngineError`).
    """

    changed = Signal(object)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, choices: Choices, said: bool | None = None) -> None:
        super().__init__()
        self._engine = engine
        self._choices = choices
        self._wanted = choices.online if said is None else said
        self._online = False

    @property
    def online(self) -> bool:
        """Whether remote models may be asked."""
        return self._online

    def greet(self, status: EngineStatus) -> None:
        """An engine has started."""
        self._show(status)
        if self._wanted != status.online:
            self._set(self._wanted, self._show)

    def toggle(self) -> None:
        """The other way round."""
        self.switch(not self._online)

    def switch(self, online: bool) -> None:
        """Allow the network to the runs to come, or forbid it."""

        def done(status: EngineStatus) -> None:
            self._wanted = self._choices.online = status.online
            self._show(status)

        self._set(online, done)

    def _set(self, online: bool, done: Callable[[EngineStatus], None]) -> None:
        self._engine.request("settings", EngineStatus, done, self.refused.emit, online=online)

    def _show(self, status: EngineStatus) -> None:
        self._online = status.online
        self.changed.emit(status)

"""What a person chose and expects to find again: the network switch, the model, an unsent question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class Choices:
    """Kept in the window's INI file and written at once. Keys of models are none of its business.

    Args:
        file: Made when there is something to keep.
    """

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def online(self) -> bool:
        """Whether the network was left switched on; off at the first start."""
        return str(self._settings.value("network/online")) == "true"

    @online.setter
    def online(self, online: bool) -> None:
        self.keep("network/online", "true" if online else "false")

    @property
    def remote_models(self) -> tuple[str, ...]:
        """The remote models a person added, as the engine calls them."""
        return tuple(str(self._settings.value("models/remote") or "").split())

    @remote_models.setter
    def remote_models(self, specs: Sequence[str]) -> None:
        self.keep("models/remote", " ".join(specs))

    @property
    def model(self) -> str:
        """The model that was asked last, as the engine calls it; empty before the first question."""
        return str(self._settings.value("models/asked") or "")

    @model.setter
    def model(self, name: str) -> None:
        self.keep("models/asked", name)

    @property
    def draft(self) -> str:
        """A question that was typed and not asked."""
        return str(self._settings.value("ask/draft") or "")

    @draft.setter
    def draft(self, text: str) -> None:
        self.keep("ask/draft", text)

    @property
    def models_window(self) -> QByteArray:
        """Size and place of the window of models; empty before it was closed once."""
        value = self._settings.value("models/window")
        return value if isinstance(value, QByteArray) else QByteArray()

    @models_window.setter
    def models_window(self, geometry: QByteArray) -> None:
        self._settings.setValue("models/window", geometry)

    def kept(self, name: str) -> str | None:
        """What is kept under a name; ``None`` for nothing."""
        value = self._settings.value(name)
        return None if value is None else str(value)

    def keep(self, name: str, value: str | None) -> None:
        """Keep a text under a name, or nothing any more."""
        if value is None:
            self._settings.remove(name)
        else:
            self._settings.setValue(name, value)
        self._settings.sync()

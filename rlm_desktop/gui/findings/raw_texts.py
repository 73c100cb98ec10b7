"""Whether the texts of models are shown as written, or as the page their Markdown describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from rlm_desktop.gui.kept.choices import Choices

_KEY = "texts/raw"


class RawTexts(QObject):
    """One choice for answers, prompts and responses, which is remembered.

    Args:
        choices: Where it is kept.

    Signals:
        changed: Texts are shown as written from now on (`bool`).
    """

    changed = Signal(bool)

    def __init__(self, choices: Choices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices = choices
        self._raw = choices.kept(_KEY) == "true"

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What its action does, by name."""
        return {"raw": self.toggle}

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Show the choice in its action, and tell everybody of it."""
        actions["raw"].setChecked(self._raw)
        self.changed.emit(self._raw)

    def toggle(self) -> None:
        """Show texts the other way."""
        self._raw = not self._raw
        self._choices.keep(_KEY, "true" if self._raw else None)
        self.changed.emit(self._raw)

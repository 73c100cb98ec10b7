"""What a new question is asked with, unless something else is chosen beside it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from rlm_desktop.gui.asking.panel import AskPanel
from rlm_desktop.gui.kept.preferences import LIMITS, STRATEGY, Preferences, Setting


class AskDefaults(QObject):
    """Sets the panel up as the settings say, at the start and whenever one of them is changed.

    Args:
        preferences: What is set.
        panel: Where questions are asked.
    """

    def __init__(self, preferences: Preferences, panel: AskPanel) -> None:
        super().__init__(panel)
        self._preferences = preferences
        self._panel = panel
        preferences.changed.connect(self._changed)
        for setting in (STRATEGY, LIMITS[0]):
            self._changed(setting)

    def _changed(self, setting: Setting) -> None:
        if setting is STRATEGY:
            way = self._panel.strategy.findData(self._preferences.text(STRATEGY))
            self._panel.strategy.setCurrentIndex(max(0, way))
        elif setting in LIMITS:
            self._panel.limits.set_limits(self._preferences.limits())

"""How everything looks as far as a person sets it: text size, colours, the font of code, motion."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from rlm_desktop.gui.kept.preferences import CODE_FONT, SCHEME, STILL, TEXT_SIZE, Preferences, Setting
from rlm_desktop.gui.look.scheme import scale_text, use_code_font, use_scheme


class Appearance(QObject):
    """Applies the settings of looks to the whole application, now and whenever one is changed.

    Args:
        preferences: What is set.
        window: Whose panes slide.
    """

    def __init__(self, preferences: Preferences, window: QMainWindow) -> None:
        super().__init__(window)
        self._preferences = preferences
        self._window = window
        self._blink = QApplication.styleHints().cursorFlashTime()
        self._effects = QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
        preferences.changed.connect(self._apply)
        for setting in (SCHEME, CODE_FONT, TEXT_SIZE, STILL):
            if preferences.get(setting) != setting.default:
                self._apply(setting)

    def larger(self) -> None:
        """The next larger text."""
        self._scale(TEXT_SIZE.step)

    def smaller(self) -> None:
        """The next smaller text."""
        self._scale(-TEXT_SIZE.step)

    def normal(self) -> None:
        """Text as large as the system has it."""
        self._preferences.put(TEXT_SIZE, TEXT_SIZE.default)

    def _scale(self, step: int) -> None:
        size = self._preferences.number(TEXT_SIZE) + step
        self._preferences.put(TEXT_SIZE, TEXT_SIZE.fit(size))

    def _apply(self, setting: Setting) -> None:
        if setting is TEXT_SIZE:
            scale_text(self._preferences.number(TEXT_SIZE) / 100)
        elif setting is SCHEME:
            use_scheme(self._preferences.text(SCHEME))
        elif setting is CODE_FONT:
            use_code_font(self._preferences.text(CODE_FONT))
        elif setting is STILL:
            self._hold_still(bool(self._preferences.get(STILL)))

    def _hold_still(self, still: bool) -> None:
        QApplication.setCursorFlashTime(0 if still else self._blink)
        QApplication.setEffectEnabled(Qt.UIEffect.UI_General, not still and self._effects)
        self._window.setAnimated(not still)

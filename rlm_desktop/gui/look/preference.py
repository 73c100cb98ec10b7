"""How everything looks as far as a person sets it: text size, colours, the font of code, motion."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QMainWindow

from rlm_desktop.gui.care.preferences import CODE_FONT, SCHEME, STILL, TEXT_SIZE, Preferences, Setting
from rlm_desktop.gui.look.theme import DARK, LIGHT, choose_code_font, code_font

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class Look(QObject):
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
            _use_code_font(self._preferences.text(CODE_FONT))
        elif setting is STILL:
            self._hold_still(bool(self._preferences.get(STILL)))

    def _hold_still(self, still: bool) -> None:
        QApplication.setCursorFlashTime(0 if still else self._blink)
        QApplication.setEffectEnabled(Qt.UIEffect.UI_General, not still and self._effects)
        self._window.setAnimated(not still)


def scale_text(factor: float) -> None:
    """Make text this many times as large as the system's."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * factor)
    else:
        font.setPixelSize(round(font.pixelSize() * factor))
    QApplication.setFont(font)


def use_scheme(name: str) -> None:
    """Have light or dark colours, or those of the system for any other name.

    A platform that cannot be told so gets a palette of ours.
    """
    hints = QApplication.styleHints()
    wanted = _SCHEMES.get(name, Qt.ColorScheme.Unknown)
    hints.setColorScheme(wanted)
    if wanted in (Qt.ColorScheme.Unknown, hints.colorScheme()):
        QApplication.setPalette(QPalette())
    else:
        QApplication.setPalette(scheme_palette(dark=wanted is Qt.ColorScheme.Dark))


def scheme_palette(*, dark: bool) -> QPalette:
    """Light or dark colours after those of Qt's own style, Fusion, whose selections and hints are too faint to read."""
    own = DARK if dark else LIGHT
    roles = QPalette.ColorRole
    palette = QPalette(QColor("#323232" if dark else "#efefef"))
    palette.setColor(roles.Link, QColor(own.busy))
    palette.setColor(roles.LinkVisited, QColor(own.keyword))
    palette.setColor(roles.PlaceholderText, QColor(own.quiet))
    palette.setColor(roles.Highlight, QColor("#1f6fa5"))
    palette.setColor(roles.HighlightedText, QColor("white"))
    if dark:
        palette.setColor(roles.Base, QColor("#242424"))
        palette.setColor(roles.AlternateBase, QColor("#2b2b2b"))
        for role in (roles.Text, roles.WindowText, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#8a8a8a"))
    return palette


def _use_code_font(family: str) -> None:
    """Give the font to every widget that was given the former one, and to those to come."""
    former = code_font().families()
    choose_code_font(family)
    for widget in QApplication.allWidgets():
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and widget.font().families() == former:
            widget.setFont(code_font())

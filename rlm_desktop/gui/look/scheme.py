"""Text size, colours and the font of code, for the whole application."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.look.theme import DARK, LIGHT, choose_code_font, code_font

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


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


def use_code_font(family: str) -> None:
    """Give the font to every widget that was given the former one, and to those to come."""
    former = code_font().families()
    choose_code_font(family)
    for widget in QApplication.allWidgets():
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and widget.font().families() == former:
            widget.setFont(code_font())

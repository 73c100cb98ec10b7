"""Our own colours, few and readable: each has at least 4.5:1 on the ground it stands on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette

GRID = 8
"""Pixels all distances are multiples (or halves) of."""
_CODE_FONT = "codeFont"
"""The application's property that holds the font a person chose for code; it belongs to it as its own font does."""


@dataclass(frozen=True)
class Colours:
    """What the platform's palette has no role for, as ``#rrggbb``.

    Attributes:
        good: Done, verified.
        warn: A limit, an unsupported claim.
        bad: Failed.
        busy: Running; the accent.
        quiet: Second-rank text: line numbers, counts, hints.
        mark: Ground behind cited lines.
        keyword: Code: keywords and operators that are words.
        string: Code: text and numbers.
        comment: Code: comments.
        name: Code: names of functions, classes and builtins.
    """

    good: str
    warn: str
    bad: str
    busy: str
    quiet: str
    mark: str
    keyword: str
    string: str
    comment: str
    name: str


LIGHT = Colours(
    good="#1a6b2f",
    warn="#7d4e00",
    bad="#b3261e",
    busy="#0b57a4",
    quiet="#595959",
    mark="#fff1c2",
    keyword="#7a2a93",
    string="#1a6b2f",
    comment="#5f6368",
    name="#0b57a4",
)
DARK = Colours(
    good="#7bd88f",
    warn="#f2c26b",
    bad="#ff9b93",
    busy="#8ab8ff",
    quiet="#b4b4b4",
    mark="#4a3c10",
    keyword="#d9a5ee",
    string="#9adba8",
    comment="#adb2b8",
    name="#8ab8ff",
)


def is_dark(palette: QPalette) -> bool:
    """Whether text is lighter than its ground."""
    return (
        palette.color(QPalette.ColorRole.Text).lightness()
        > palette.color(QPalette.ColorRole.Base).lightness()
    )


def colours(palette: QPalette) -> Colours:
    """Our colours for the scheme this palette belongs to."""
    return DARK if is_dark(palette) else LIGHT


def code_font() -> QFont:
    """The monospace font of code and documents: the person's, or else the platform's.

    It names no size, so that a widget which is given it has text as large as everything around it.
    """
    application = QCoreApplication.instance()
    chosen = str(application.property(_CODE_FONT) or "") if application is not None else ""
    font = QFont()
    font.setFamilies([chosen or QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font


def choose_code_font(family: str) -> None:
    """Use this font for code from now on; the platform's, if it is empty."""
    application = QCoreApplication.instance()
    if application is not None:
        application.setProperty(_CODE_FONT, family)


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio from 1 to 21, as WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())

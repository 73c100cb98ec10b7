"""Loads the words of the person's language, if somebody has translated them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from rlm_desktop.config import shared_file

NAME = "window"
"""Files are called ``window_de.ts`` and, as they are loaded, ``window_de.qm``."""


def load_translation(
    application: QCoreApplication, locale: QLocale | None = None, folder: Path | None = None
) -> bool:
    """Let everything that is shown from now on be in the person's language.

    Args:
        application: Keeps the translation.
        locale: The language; the system's by default.
        folder: Where translations are; those that come with the program by default.

    Returns:
        Whether there is one.
    """
    locale = locale or QLocale()
    own = QTranslator(application)
    if not own.load(locale, NAME, "_", str(folder or shared_file("resources", "translations"))):
        return False
    application.installTranslator(own)
    buttons = QTranslator(application)  # Qt's own words, which alone would make a mixture of two languages
    if buttons.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(buttons)
    return True

"""Remembers the window's size, the place of every pane and the folder of reports, in the data folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QStyle

from rlm_desktop.gui.widgets.docks import Docks

LAYOUT = 1
"""Counts up when docks are renamed or come to be, so that an older layout is not forced upon them."""
_FIRST = QSize(1280, 800)


def first_size(screen: QSize, style: QStyle) -> QSize:
    """Size of a new window, whose foot must not be below the screen once it has a title bar.

    Args:
        screen: What the screen has room for.
        style: Knows how high a title bar is; who frames the window tells that only when it is shown.
    """
    frame = style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
    return _FIRST.boundedTo(screen - QSize(0, frame))


class WindowState:
    """Saves and restores; what does not fit any more is ignored by Qt.

    Args:
        file: An INI file; made when there is something to save.
    """

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def restore(self, window: QMainWindow, docks: Docks) -> None:
        """Bring the window back to where it was; the first time, make it as large as the screen allows."""
        geometry, layout = self._bytes("window/geometry"), self._bytes("window/docks")
        if not window.restoreGeometry(geometry):
            window.resize(first_size(window.screen().availableSize(), window.style()))
        if window.restoreState(layout, LAYOUT):
            docks.restore(str(self._settings.value("window/closed") or "").split())

    def _bytes(self, key: str) -> QByteArray:
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    @property
    def folder(self) -> str:
        """Where the last report was written to; empty before the first."""
        return str(self._settings.value("export/folder", ""))

    @folder.setter
    def folder(self, path: str) -> None:
        self._settings.setValue("export/folder", path)

    def save(self, window: QMainWindow, docks: Docks) -> None:
        """Write down where everything is."""
        self._settings.setValue("window/geometry", window.saveGeometry())
        self._settings.setValue("window/docks", window.saveState(LAYOUT))
        self._settings.setValue("window/closed", " ".join(docks.closed))
        self._settings.sync()

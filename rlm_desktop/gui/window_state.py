"""Remembers the window's size, the place of every pane and the folder of reports, in the data folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter, QStyle

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

    def restore(self, window: QMainWindow, splitters: dict[str, QSplitter]) -> None:
        """Bring the window back to where it was; the first time, make it as large as the screen allows."""
        geometry = self._settings.value("window/geometry")
        if geometry is None:
            window.resize(first_size(window.screen().availableSize(), window.style()))
            return
        window.restoreGeometry(geometry)
        for name, splitter in splitters.items():
            state = self._settings.value(f"splitters/{name}")
            if state is not None:
                splitter.restoreState(state)

    @property
    def folder(self) -> str:
        """Where the last report was written to; empty before the first."""
        return str(self._settings.value("export/folder", ""))

    @folder.setter
    def folder(self, path: str) -> None:
        self._settings.setValue("export/folder", path)

    def save(self, window: QMainWindow, splitters: dict[str, QSplitter]) -> None:
        """Write down where everything is."""
        self._settings.setValue("window/geometry", window.saveGeometry())
        for name, splitter in splitters.items():
            self._settings.setValue(f"splitters/{name}", splitter.saveState())
        self._settings.sync()

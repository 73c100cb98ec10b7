"""Remembers the window's size, the place of every pane and the folder of reports, in the data folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter


class WindowState:
    """Saves and restores; what does not fit any more is ignored by Qt.

    Args:
        file: An INI file; made when there is something to save.
    """

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def restore(self, window: QMainWindow, splitters: dict[str, QSplitter]) -> bool:
        """Bring the window back to where it was.

        Returns:
            Whether there was anything to restore.
        """
        geometry = self._settings.value("window/geometry")
        if geometry is None:
            return False
        window.restoreGeometry(geometry)
        for name, splitter in splitters.items():
            state = self._settings.value(f"splitters/{name}")
            if state is not None:
                splitter.restoreState(state)
        return True

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

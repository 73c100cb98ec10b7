"""Choosing what to open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Then = Callable[[Sequence[str]], None]


def choose_files(window: QWidget, then: Then) -> None:
    """Ask for one or more files."""
    _ask(QFileDialog(window, "Open files"), QFileDialog.FileMode.ExistingFiles, then)


def choose_folder(window: QWidget, then: Then) -> None:
    """Ask for a folder."""
    _ask(QFileDialog(window, "Open a folder"), QFileDialog.FileMode.Directory, then)


def _ask(dialog: QFileDialog, mode: QFileDialog.FileMode, then: Then) -> None:
    dialog.setFileMode(mode)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(then)
    dialog.open()

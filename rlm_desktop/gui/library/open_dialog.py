"""Choosing what to open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from rlm_desktop.gui.look.words import later, tr

Then = Callable[[Sequence[str]], None]


def choose_files(window: QWidget, then: Then, title: str = later("Open files")) -> None:
    """Ask for one or more files; the title of the dialog is in English."""
    _ask(QFileDialog(window, tr(title)), QFileDialog.FileMode.ExistingFiles, then)


def choose_folder(window: QWidget, then: Then, title: str = later("Open a folder")) -> None:
    """Ask for a folder; the title of the dialog is in English."""
    _ask(QFileDialog(window, tr(title)), QFileDialog.FileMode.Directory, then)


def _ask(dialog: QFileDialog, mode: QFileDialog.FileMode, then: Then) -> None:
    dialog.setFileMode(mode)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(then)
    dialog.open()

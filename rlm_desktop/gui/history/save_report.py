"""Writing the report of a run to a file of the person's choice."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.window_state import WindowState
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire import EngineError, Exported, Summary

FORMATS = {
    "html": "Web page (*.html)",
    "md": "Markdown (*.md)",
    "jsonl": "JSON lines, as the reference implementation logs (*.jsonl)",
}
_LONGEST = 60
"""Characters of a suggested name; some file systems hold no more than 143 bytes."""


class SaveReport(QObject):
    """Asks for a file and has the engine write it.

    Args:
        engine: Writes reports.
        state: Remembers the folder.
        window: The window that asks.

    Signals:
        saving: The report is being written (its path); an empty one when that failed.
        saved: The report is there (its path).
        refused: It could not be written, or not be opened (`EngineError`).
    """

    saving = Signal(str)
    saved = Signal(str)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, state: WindowState, window: QWidget) -> None:
        super().__init__(window)
        self._engine = engine
        self._state = state
        self._window = window

    def ask(self, run: Summary) -> None:
        """Ask where to; the dialog asks before it replaces a file."""
        dialog = QFileDialog(self._window, tr("Export report"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDirectory(str(self._folder()))
        dialog.setNameFilters(list(FORMATS.values()))
        dialog.setDefaultSuffix(next(iter(FORMATS)))
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(_format(chosen)))
        dialog.selectFile(f"{file_name(run.name)}.{next(iter(FORMATS))}")
        dialog.fileSelected.connect(lambda path: self._save(run.run, path, dialog.selectedNameFilter()))
        dialog.open()

    def open(self, path: str) -> None:
        """Open a report with the program the person has for such files."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            self.refused.emit(
                EngineError(
                    "user",
                    tr("No program was found that opens {path}.").format(path=path),
                    tr("The file is there."),
                )
            )

    def _folder(self) -> Path:
        standard = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        places = (self._state.folder, standard)
        return next((Path(place) for place in places if place and Path(place).is_dir()), Path.home())

    def _save(self, run: str, path: str, chosen: str) -> None:
        self._state.folder = str(Path(path).parent)

        def failed(error: EngineError) -> None:
            self.saving.emit("")
            self.refused.emit(error)

        self.saving.emit(path)
        suffix = Path(path).suffix.removeprefix(".").casefold()
        self._engine.request(
            "export",
            Exported,
            lambda done: self.saved.emit(done.path),
            failed,
            run=run,
            format=suffix if suffix in FORMATS else _format(chosen),
            path=path,
            overwrite=True,
        )


def file_name(question: str) -> str:
    """A name for a file that every file system takes: the words of a question."""
    words = re.sub(r"[^\w .,'()-]+", " ", question)
    return " ".join(words.split())[:_LONGEST].strip(" .,") or "report"


def _format(chosen: str) -> str:
    """The format a line of the dialog's list stands for; its first one if the system made up another line."""
    return next((name for name, line in FORMATS.items() if line == chosen), next(iter(FORMATS)))

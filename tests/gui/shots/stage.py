"""A window on the small engine, with a book to open, and what a person does there."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look.scheme import scale_text
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import fake_command
from tests.gui.shots.camera import settle, wait

VERSE = "And Enoch lived sixty and five years, and begat Methuselah, in the year {} after the flood."
FATHER = "Who was the father of Methuselah?"
SILENT = (sys.executable, "-c", "import sys; sys.stdin.read()")


@dataclass(frozen=True)
class Setting:
    """What is there before the window opens.

    Attributes:
        models: The catalogue; the one of the small engine, if there is none.
        sandbox: Its level.
        scale: How many times as large as usual text is.
        kept: What the window before has written down, by name.
        silent: Whether the engine does not answer.
    """

    models: Sequence[dict[str, Any]] = ()
    sandbox: str = "full"
    scale: float = 1.0
    kept: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


@dataclass(frozen=True)
class Stage:
    """The window, and a folder with the book that it opens."""

    window: MainWindow
    folder: Path

    @property
    def book(self) -> Path:
        return self.folder / "genesis.txt"

    def write(self, name: str, text: str) -> Path:
        """Another document, in the folder that holds the book."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def open(self, *paths: Path) -> None:
        """Open them together, or the book."""
        before = len(self.window.library.model.sources)
        self.window.open_paths([str(path) for path in paths or (self.book,)])
        wait(lambda: len(self.window.library.model.sources) > before)

    def ask(self, question: str, *, afresh: bool = True) -> None:
        """Ask, of the book if nothing is open, and wait for the end of the run."""
        self.begin(question, afresh=afresh)
        wait(lambda: not self.window.runs.busy)
        settle()

    def begin(self, question: str, *, afresh: bool = True) -> None:
        """Ask, and wait for the beginning."""
        if not self.window.library.model.sources:
            self.open()
        if afresh:
            self.window.ask.start_afresh()
        self.window.ask.box.setPlainText(question)
        self.window.ask.ask()
        wait(lambda: (run := self.window.runs.on_show) is not None and run.question == question)

    def hold(self, question: str) -> None:
        """Ask something that goes on until it is stopped, and wait until it is in the midst."""
        self.begin(question)
        wait(lambda: (tree := self.window.tree.tree()) is not None and tree.row(5) is not None)
        settle()

    def stop(self) -> None:
        """End the run that goes on."""
        self.do("stop")
        wait(lambda: not self.window.runs.busy)

    def mark(self, span: int) -> None:
        """Choose a step of the run."""
        wait(lambda: (tree := self.window.tree.tree()) is not None and tree.row(span) is not None)
        self.window.tree.setCurrentIndex(self.window.tree.tree().index_of(span))
        settle()

    def cite(self) -> None:
        """Follow the first quote of the answer."""
        self.window.answer.page.anchorClicked.emit(QUrl("cite:0"))
        settle()

    def do(self, action: str) -> None:
        """What a menu does."""
        self.window.actions_by_name[action].trigger()


@contextmanager
def staged(setting: Setting) -> Iterator[Stage]:
    """A window of 1280 by 800, closed again at the end."""
    with tempfile.TemporaryDirectory() as name:
        home, folder = Path(name, "home"), Path(name, "documents")
        for one in (home, folder):
            one.mkdir()
        (home / "sandbox").write_text(setting.sandbox)
        if setting.models:
            (home / "models.json").write_text(json.dumps(setting.models))
        scale_text(setting.scale)
        for key, value in setting.kept.items():
            Choices(home / "window.ini").keep(key, value)
        window = MainWindow(EngineClient(SILENT if setting.silent else fake_command(home)), Settings(home))
        stage = Stage(window, folder)
        stage.write("genesis.txt", "\n".join(VERSE.format(n) for n in range(1, 5000)))
        window.resize(1280, 800)
        window.engine.start()
        window.show()
        wait(lambda: setting.silent or bool(window.catalogue.models))
        try:
            yield stage
        finally:
            window.close()
            window.life.presence.leave()
            wait(lambda: not window.engine.alive and not window.isVisible())
            window.deleteLater()
            scale_text(1)
            QApplication.processEvents()

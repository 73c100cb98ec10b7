"""Pictures of the answer and the details alone, in every state: ``python -m tests.gui.shots_findings``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from rlm_desktop.gui.actions import ACTIONS
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.findings import Findings
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.life.choices import Choices
from rlm_desktop.gui.run.runs import Question, Runs
from tests.gui.conftest import fake_command
from tests.gui.shots import FOLDER, palette, settle, wait

QUESTIONS = {
    "richly": "Tell me richly: who begat whom?",
    "answered": "Who was the father of Methuselah?",
    "running": "Who was the father of Methuselah? (hold)",
    "nothing": "Is there nothing about tea?",
    "partial": "A limit please",
    "failed": "Please fail",
}
TABS = {2: ("code", "output", "read", "figures"), 6: ("prompt", "changes", "response"), 3: ("figures",)}


def made_actions(parent: QWidget) -> dict[str, QAction]:
    """Every action by name, without menus and handlers."""
    return {spec.name: QAction(spec.text, parent, checkable=spec.checkable) for spec in ACTIONS}


def shoot(widget: QWidget, name: str, width: int, height: int) -> None:
    for scale in (1, 2):
        font = QApplication.font()
        size = font.pointSizeF()
        font.setPointSizeF(size * scale)
        QApplication.setFont(font)
        for dark in (False, True) if scale == 1 else (False,):
            QApplication.setPalette(palette(dark))
            widget.resize(width, height)
            settle()
            kind = "dark" if dark else "light"
            widget.grab().save(str(FOLDER / f"{name}-{100 * scale}-{kind}.png"))
        font.setPointSizeF(size)
        QApplication.setFont(font)


def main() -> None:
    app = QApplication(sys.argv[:1])
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home, book = Path(folder, "home"), Path(folder, "genesis.txt")
        home.mkdir()
        book.write_text(
            "\n".join(f"{n:04} And Enoch walked with God, in the year {n}" for n in range(1, 1001))
        )
        for name in ("exodus.txt", "leviticus.txt", "numbers.txt"):
            Path(folder, name).write_text("Nothing of it.\n" * 99)
        engine = EngineClient(fake_command(home))
        hello: list[object] = []
        engine.greeted.connect(hello.append)
        engine.start()
        wait(lambda: bool(hello))
        runs, window = Runs(engine), QMainWindow()
        findings = Findings(engine, Library(engine), DocumentPane(engine), Choices(home / "window.ini"))
        findings.offer(made_actions(window))
        runs.shown.connect(findings.follow)
        for signal in (runs.shown, runs.updated):
            signal.connect(findings.answer.check_sources)
        runs.updated.connect(findings.answer.update_summary)
        answer, details = findings.answer, findings.details
        answer.show()
        details.show()
        shoot(answer, "answer-empty", 368, 300)
        shoot(details, "details-empty", 368, 300)
        for name, question in QUESTIONS.items():
            paths = (str(book), *(str(Path(folder, one)) for one in ("exodus.txt", "leviticus.txt")))
            runs.ask(Question(question, paths, model="tiny"))
            if name == "running":
                wait(
                    lambda: (
                        runs.on_show is not None and runs.on_show.running and answer._tree.row(5) is not None
                    )
                )
                settle()
                details.show_row(2)
                shoot(answer, "answer-running", 368, 300)
                shoot(details, "details-running", 368, 300)
                runs.stop()
                wait(lambda: not runs.busy)
                shoot(answer, "answer-stopped", 368, 300)
                continue
            wait(lambda: not runs.busy)
            wait(answer.coverage.isVisible)
            shoot(answer, f"answer-{name}", 368, 900 if name == "richly" else 380)
            if name == "richly":
                findings._raw.toggle()
                shoot(answer, "answer-raw", 368, 500)
                findings._raw.toggle()
                answer.coverage.open()
                settle()
                shoot(answer.coverage._dialog, "coverage", 640, 400)
                answer.coverage._dialog.close()
                for span, tabs in TABS.items():
                    details.show_row(span)
                    for tab in tabs:
                        details.open_tab(tab)
                        settle()
                        shoot(details, f"details-{span}-{tab}", 368, 320)
        engine.close()
        wait(lambda: not engine.alive)
    app.processEvents()


if __name__ == "__main__":
    main()

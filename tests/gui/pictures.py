"""Pictures of the real program at work: ``python -m tests.gui.pictures DOCUMENT [MODEL]``, or ``… readme [RUN]``.

The window runs on the real engine; with a model (a name, a GGUF file) it answers a question of the document. ``readme``
makes the pictures of the README, from a run in a copy of the person's history or else from the sample, which loads no
model. What goes wrong is shown too: a model file that is missing, a model worker that
is killed, a cell that never ends, a full disk (on Linux as root, with a small file system of its own).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication

from rlm_desktop.config import Settings, default_home
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.models.registry import default_model
from tests.gui.shots.camera import FOLDER, palette, settle, wait

PICTURES = Path("resources", "pictures")
QUESTION = "Who was the father of Methuselah?"
LONG = 600.0
"""Seconds a small model may take for an answer on a slow computer."""
ENDLESS = "Let me count.\n```repl\nprint('counting the words of', len(context), 'characters')\nwhile True:\n    pass\n```"
LOOKS = [f"Look again.\n```repl\nprint(context[{n * 1000}:{n * 1000 + 500}])\n```" for n in range(200)]


@contextmanager
def window_on(home: Path, document: str = ""):
    """A window on the real engine, with a document open if there is one."""
    settings = Settings(home).prepare()
    window = MainWindow(EngineClient(engine_command(settings)), settings)
    window.resize(1280, 800)
    window.engine.start()
    window.show()
    wait(lambda: bool(window.catalogue.models))
    if document:
        window.open_paths([document])
        wait(lambda: window.documents.current is not None, 60)
    try:
        yield window
    finally:
        window.close()
        wait(lambda: not window.isVisible(), 60)
        window.deleteLater()
        QApplication.processEvents()


def ask(window: MainWindow, model: str, strategy: str = "auto", question: str = QUESTION) -> None:
    window.ask.picker.choose(model)
    window.ask.strategy.setCurrentIndex(window.ask.strategy.findData(strategy))
    window.ask.box.setPlainText(question)
    settle()
    window.ask.ask()


def shoot(window: MainWindow, name: str) -> None:
    for dark in (False, True):
        QApplication.setPalette(palette(dark))
        settle()
        path = FOLDER / f"real-{name}-{'dark' if dark else 'light'}.png"
        window.grab().save(str(path))
        print(path, flush=True)


def ended(window: MainWindow) -> bool:
    return window.answer.status.text() not in {"", "Running"} and not window.runs.busy


def script(folder: Path, *replies: str) -> str:
    path = folder / "script.json"
    path.write_text(json.dumps({"root": replies, "sub": ["a sub-answer"]}))
    return f"script:{path}"


def borrow(model: str, home: Path) -> None:
    """Have a model of the person's own data folder in another one as well."""
    settings = Settings(home).prepare()
    file = default_home() / "models" / f"{model}.gguf"
    if file.is_file():
        (settings.models / file.name).symlink_to(file)


def at_work(folder: Path, document: str, model: str) -> None:
    borrow(model, folder / "home")
    with window_on(folder / "home", document) as window:
        shoot(window, "open")
        ask(window, model)
        tree = lambda: window.tree.tree()  # noqa: E731
        wait(lambda: tree() is not None and tree().rowCount() >= 2, LONG)
        shoot(window, "mid-run")
        wait(lambda: ended(window), LONG)
        window.tree.setCurrentIndex(tree().index(0, 0, tree().index(1, 0)))
        window.answer.page.anchorClicked.emit(QUrl("cite:0"))
        settle()
        shoot(window, "finished")
        ask(window, model)
        wait(lambda: window.answer.status.text() == "Running" and tree().rowCount() == 2, LONG)
        for process in psutil.Process().children(recursive=True):
            if "rlm_desktop.models.llama.worker" in " ".join(process.cmdline()):
                process.send_signal(signal.SIGKILL)
        wait(lambda: ended(window), LONG)
        shoot(window, "worker-killed")
        ask(window, "smollm2-135m")
        settle()
        settle()
        shoot(window, "model-missing")
        broken = folder / "broken.gguf"
        broken.write_bytes(b"GGUF\3\0\0\0" + bytes(64))
        ask(window, str(broken))
        settle()
        settle()
        shoot(window, "model-broken")


def sample(folder: Path) -> None:
    """The session that comes with the program, before there is a model."""
    with window_on(folder / "newcomer") as window:
        shoot(window, "welcome")
        window.documents.welcome.sample.click()
        wait(lambda: window.replay.total > 0)
        window.replay.play_or_pause()
        total = window.replay.total
        for name, at in (("start", 1), ("middle", total // 3), ("end", total)):
            window.replay.seek(at)
            wait(lambda at=at: window.replay.at == at)
            shoot(window, f"sample-{name}")


def readme(folder: Path, run: str) -> None:
    """A run and the document its answer is in, light and dark; the sample, which has no documents, if none is named."""
    home = folder / "readme"
    if run:
        own, copy = Settings(default_home()), Settings(home).prepare()
        with closing(sqlite3.connect(own.store)) as kept, closing(sqlite3.connect(copy.store)) as copied:
            kept.backup(copied)
        borrow(default_model(own), home)
    with window_on(home) as window:
        window.runs.show(run) if run else window.actions_by_name["sample"].trigger()
        wait(lambda: window.replay.total > 0 and window.answer.coverage.isVisible(), 60)
        window.replay.seek(window.replay.total)
        if run:
            window.open_paths(window.runs.on_show.paths)
            wait(lambda: bool(window.library.model.sources), 60)
            window.answer.page.anchorClicked.emit(QUrl("cite:0"))
            wait(lambda: window.documents.current is not None, 60)
        tree = window.tree.tree()
        turn = tree.index(1, 0)
        window.tree.expand(turn)
        wait(lambda: tree.rowCount(turn) > 0, 60)
        window.tree.setCurrentIndex(tree.index(0, 0, turn))
        settle(1)
        window.tree.scrollToTop()
        for dark, name in ((False, "window.png"), (True, "window-dark.png")):
            QApplication.setPalette(palette(dark))
            settle()
            window.grab().save(str(PICTURES / name))


def endless(folder: Path, document: str) -> None:
    with window_on(folder / "endless", document) as window:
        ask(window, script(folder, ENDLESS, *LOOKS), "rlm", "How many words are there?")
        wait(lambda: (row := window.tree.tree() and window.tree.tree().row(2)) is not None and bool(row), 60)
        settle()
        shoot(window, "endless-running")
        tree = window.tree.tree()
        wait(lambda: tree.row(2).status != "running", 120)
        settle()
        window.actions_by_name["stop"].trigger()
        wait(lambda: ended(window), 60)
        window.tree.setCurrentIndex(tree.index(0, 0, tree.index(0, 0)))
        shoot(window, "endless-stopped")


def full_disk(folder: Path, document: str) -> None:
    home = folder / "full"
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(home)], check=True)
    try:
        with window_on(home, document) as window:
            ask(window, script(folder, *LOOKS), "rlm", "What is in it?")
            free = shutil.disk_usage(home).free
            (home / "ballast").write_bytes(bytes(max(0, free - 128 * 1024)))
            wait(lambda: ended(window), 120)
            settle()
            shoot(window, "disk-full")
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def main(document: str, model: str = "") -> None:
    app = QApplication(sys.argv[:1])
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        if document == "readme":
            readme(Path(name), model)
            return
        sample(Path(name))
        endless(Path(name), document)
        full_disk(Path(name), document)
        if model:
            at_work(Path(name), document, model)
    app.quit()


if __name__ == "__main__":
    main(*sys.argv[1:])

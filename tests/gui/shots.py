"""Pictures of every state of the window, for a person to look at: ``python -m tests.gui.shots``.

They are written to ``screenshots/`` (ignored by git), in two sizes, light and dark.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QUrl
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look.preference import scheme_palette
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.wire import Notice
from tests.gui.conftest import fake_command

SIZES = ((1280, 800), (1920, 1080))
FOLDER = Path("screenshots")
QUESTIONS = {
    "mid-run": "Who was the father of Methuselah? (hold)",
    "finished": "Who was the father of Methuselah?",
    "nothing": "Is there nothing about tea?",
    "partial": "A limit please",
    "failed": "Please fail",
}


def palette(dark: bool) -> QPalette:
    """The palettes of ours; the offscreen platform knows no colour scheme."""
    return scheme_palette(dark=dark)


def wait(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window did not get there.")
        QApplication.processEvents()
        time.sleep(0.01)


def settle() -> None:
    end = time.monotonic() + 0.3
    wait(lambda: time.monotonic() > end)


def shoot(window: MainWindow, name: str) -> None:
    for width, height in SIZES:
        for dark in (False, True):
            QApplication.setPalette(palette(dark))
            window.resize(width, height)
            settle()
            window.grab().save(str(FOLDER / f"{name}-{width}-{'dark' if dark else 'light'}.png"))


def replay(window: MainWindow) -> None:
    """The bar at three positions, and what it shows there."""
    wait(window.replay_bar.isVisible)
    for name, at in (("start", 1), ("middle", 10), ("end", window.replay.total)):
        window.replay.seek(at)
        wait(lambda at=at: window.replay.at == at)
        shoot(window, f"replay-{name}")
    loading = Notice("model", "qwen2.5-coder-1.5b-instruct", "loading", rate=0.35)
    window.status.show_model(loading)
    window.status.tell("Saved Who was the father of Methuselah.html", lambda: None)
    shoot(window, "replay-crowded")
    window.status.show_model(Notice("model"))
    window.status.tell("")


def main() -> None:
    app = QApplication(sys.argv[:1])
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home, book = Path(folder, "home"), Path(folder, "genesis.txt")
        home.mkdir()
        text = "{} And Enoch lived sixty and five years, and begat Methuselah ({})."
        book.write_text("\n".join(text.format(n // 20, n) for n in range(1, 5000)), "utf-8")
        from tests.gui.shots_asking import shoot_asking
        from tests.gui.shots_sandbox import shoot_sandbox
        from tests.gui.shots_session import shoot_session

        window = MainWindow(EngineClient(fake_command(home)), Settings(home))
        window.engine.start()
        window.show()
        wait(lambda: bool(window.catalogue.models))
        shoot(window, "empty")
        window.documents.welcome.sample.click()
        wait(lambda: window.replay.at > 8)
        window.replay.play_or_pause()
        shoot(window, "sample")
        window.runs.forget("sample")
        window.open_paths([str(book)])
        wait(lambda: bool(window.documents.views()))
        shoot(window, "document")
        for name, question in QUESTIONS.items():
            window.ask.box.setPlainText(question)
            window.ask.ask()
            if name == "mid-run":
                wait(lambda: (tree := window.tree.tree()) is not None and tree.row(5) is not None)
                window.tree.setCurrentIndex(window.tree.tree().index_of(2))
                shoot(window, name)
                window.ask.picker.choose("big")
                window.ask.fold.setChecked(True)
                shoot(window, "download")
                window.ask.picker.choose("tiny")
                window.ask.fold.setChecked(False)
                window.runs.stop()
            wait(lambda: not window.runs.busy)
            settle()
            window.tree.setCurrentIndex(window.tree.tree().index_of(2 if name == "finished" else 1))
            if name == "finished":
                window.answer.page.anchorClicked.emit(QUrl("cite:0"))
            shoot(window, "stopped" if name == "mid-run" else name)
            if name == "finished":
                replay(window)
        window.engine._process.kill()
        wait(window.banner.isVisible)
        shoot(window, "engine-died")
        window.close()
        (home / "fake.json").unlink()
        again = MainWindow(EngineClient(fake_command(home)), Settings(home))
        again.engine.start()
        again.show()
        wait(lambda: bool(again.catalogue.models))
        shoot_session(again, book)
        again.close()
        wait(lambda: not again.engine.alive)
        bare = Path(folder, "bare")
        bare.mkdir()
        (bare / "sandbox").write_text("none")
        third = MainWindow(EngineClient(fake_command(bare)), Settings(bare))
        third.engine.start()
        third.show()
        wait(lambda: bool(third.catalogue.models))
        shoot_sandbox(third, book)
        third.close()
        wait(lambda: not third.engine.alive)
        asking = Path(folder, "asking")
        asking.mkdir()
        fourth = MainWindow(EngineClient(fake_command(asking)), Settings(asking))
        fourth.engine.start()
        fourth.show()
        wait(lambda: bool(fourth.catalogue.models))
        shoot_asking(fourth, book)
        fourth.close()
        wait(lambda: not fourth.engine.alive)
    app.processEvents()


if __name__ == "__main__":
    main()

"""Pictures of the window over several questions: history, follow-ups, changed documents, remote models."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.shots import FOLDER, palette, settle, shoot, wait


def asked(window: MainWindow, question: str) -> None:
    window.ask.box.setPlainText(question)
    window.ask.ask()
    wait(lambda: (run := window.runs.on_show) is not None and run.question == question)
    wait(lambda: not window.runs.busy and window.ask.follow_up.isVisible())
    settle()


def shoot_session(window: MainWindow, book: Path) -> None:
    """Go through a session of questions, from an empty history on."""
    window.open_paths([str(book)])
    wait(lambda: bool(window.documents.views()))
    panel = window.history_panel
    asked(window, "Is there nothing about tea in all of these five thousand lines?")
    window.ask.start_afresh()
    asked(window, "Who was the father of Methuselah?")
    window.history.pin(window.runs.on_show.run, True)
    asked(window, "And how old was Enoch when Methuselah was born, and how old did he become?")
    asked(window, "What else is told of him?")
    window.tree.setCurrentIndex(window.tree.tree().index_of(2))
    window.ask.box.setPlainText("Which of his sons are named?")
    shoot(window, "follow-up")
    panel.search.setText("Methuselah")
    wait(lambda: panel.current is panel.results)
    panel.results.setCurrentIndex(panel.results.model().index(1, 0))
    shoot(window, "search")
    panel.search.setText("no such words")
    wait(panel._nothing.isVisible)
    shoot(window, "search-nothing")
    panel.search.clear()
    panel.view.setCurrentIndex(panel.view.model().index(3, 0))
    panel.delete()
    wait(panel.deleted.isVisible)
    shoot(window, "deleted")
    panel.undo()
    settle()
    panel.view.setCurrentIndex(panel.view.model().index(1, 0))
    panel.rename()
    settle()
    shoot(window, "rename")
    window.ask.box.setFocus()
    settle()
    book.rename(book.with_name("elsewhere.txt"))
    window.runs.show(panel.view.model().summary(panel.view.model().index(0, 0)).run)
    wait(window.answer.sources.isVisible)
    shoot(window, "changed-sources")
    book.with_name("elsewhere.txt").rename(book)
    window.ask.picker.choose("openai:gpt-mini")
    window.ask.fold.setChecked(True)
    shoot(window, "network-off")
    window.ask.picker.switch_on.click()
    wait(lambda: window.models.network.online)
    asked(window, "Who begat whom, all of them, costly without limit?")
    shoot(window, "limit-by-cost")
    window.ask.fold.setChecked(False)
    asked(window, "Who was the father of Methuselah, once more?")
    window.tree.setCurrentIndex(window.tree.tree().index_of(2))
    shoot(window, "network-on")
    window.models.dialog.start()
    for number in (0, 2):
        window.models.dialog.provider.setCurrentIndex(number)
        window.models.dialog.address.setText("https://models.example.org/v1" if number else "")
        window.models.dialog.model.setText("gpt-mini")
        window.models.dialog.key.setText("secret")
        for dark in (False, True):
            QApplication.setPalette(palette(dark))
            settle()
            name = f"remote-dialog-{number}-{'dark' if dark else 'light'}.png"
            window.models.dialog.grab().save(str(FOLDER / name))
    window.models.dialog.reject()
